// What the ledger adds to other pages.
import { startLedger } from './ledger.js';
import { startAll } from './starting.js';

startAll([startLedger]);
