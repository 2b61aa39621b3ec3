// What a page adds that is a list to search and filter.
import { startExplorers } from './explorer.js';
import { startAll } from './starting.js';

startAll([startExplorers]);
