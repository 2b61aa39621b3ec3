// Everything a page does beyond being read; the ledger and the catalogues add scripts of their own. Without it nothing is missing but the interaction: each part
// shows its own buttons, and hides what it hides, only once it runs; one that fails takes no other with it.
import { startAnchors } from './anchors.js';
import { closeCard, startCards } from './cards.js';
import { showAskedLens, startChoices } from './choices.js';
import { startCode } from './code.js';
import { closeFigure, startFigures } from './figures.js';
import { startFinding } from './finding.js';
import { startFound } from './found.js';
import { startReporting } from './frame.js';
import { closeTip } from './hover.js';
import { startKit } from './kit.js';
import { startLost } from './lost.js';
import { closeMenu, startMenu } from './menu.js';
import { startMissing } from './missing.js';
import { startParagraphs } from './paragraphs.js';
import { startPrinting } from './print.js';
import { startSharing } from './share.js';
import { startStage } from './stage.js';
import { startAll } from './starting.js';
import { startTaking } from './taking.js';
import { startTheme } from './theme.js';
import { startTurns } from './turns.js';

const STARTS = [
  startTheme, startMenu, startCards, startChoices, startFigures, showAskedLens, startFound, startAnchors, startSharing, startTaking, startCode, startTurns, startPrinting,
  startReporting, startLost, startParagraphs, startKit,
  startMissing, startFinding, startStage,
];

startAll(STARTS);

// Escape closes the nearest thing that is open.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') [closeTip, closeCard, closeMenu, closeFigure].some((close) => close());
});
