// What `npm test` reads first: the scripts of the pages, their tests, and the style sheets.
import css from '@eslint/css';
import js from '@eslint/js';
import globals from 'globals';

const scripts = 'storykit/site/theme/scripts/*.js';

export default [
  { files: ['**/*.js'], ...js.configs.recommended },
  { files: [scripts], languageOptions: { globals: globals.browser } },
  { files: ['storykit/site/theme/scripts/{charts,steps}.js'], languageOptions: { globals: { Plotly: 'readonly' } } },
  { files: ['storykit/site/theme/scripts/map.js'], languageOptions: { globals: { L: 'readonly' } } },
  { files: ['tests/js/*.js'], languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.css'],
    language: 'css/css',
    ...css.configs.recommended,
    rules: {
      ...css.configs.recommended.rules,
      // The colours are written in front of a sheet from tokens.json.
      'css/no-invalid-properties': ['error', { allowUnknownVariables: true }],
      // Paper needs properties that no screen has, and a picture's theme must win over everything.
      'css/use-baseline': 'off',
      'css/no-important': 'off',
    },
  },
];
