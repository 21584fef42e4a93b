import { ADMIN_SCREENS } from './adminScreens.js';
import { journeys } from './harness.js';
import { testScreens } from './screenChecks.js';

/** A tablet, and a laptop: where the admin page has cards, and where it has tables. */
const TABLE_WIDTHS = [768, 1100, 1280];

testScreens(journeys(), ADMIN_SCREENS, TABLE_WIDTHS);
