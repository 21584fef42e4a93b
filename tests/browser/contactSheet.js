/** `npm run contact-sheet` puts every screen of the driver, in all its forms, on one picture: docs/contact-sheet.jpg. */
import { fileURLToPath } from 'node:url';
import { openBrowser, Phone, Product } from './harness.js';
import { MARKET_SCREENS } from './marketScreens.js';
import { SCREENS } from './screens.js';
import { SEARCH_SCREENS } from './searchScreens.js';
import { setTextSize } from './textSize.js';
import { WORTH_SCREENS } from './worthScreens.js';

const path = fileURLToPath(new URL('../../docs/contact-sheet.jpg', import.meta.url));
const SMALL = { width: 360, height: 696 };

/** How each screen is looked at once it is reached. */
const FORMS = [
  { size: SMALL, theme: 'light', text: 100 },
  { size: SMALL, theme: 'dark', text: 100 },
  { size: SMALL, theme: 'light', text: 130 },
  { size: { width: 412, height: 915 }, theme: 'light', text: 100 },
  { size: { width: 1280, height: 720 }, theme: 'dark', text: 100 },
];
/** Those whose way there is the same in English. */
const ENGLISH = ['list', 'cargo', 'respond', 'response-gone', 'shipper', 'subscription-trial'];
/** How high the pictures are on the sheet, and what a screen takes of its width. */
const HEIGHT = 240;
const ROW_WIDTH = 930;

/** The pictures of a screen, as data URLs. */
async function picturesOf(product, reach, options) {
  const phone = await Phone.make(product, { size: SMALL, ...options });
  const pictures = [];
  try {
    await reach(phone);
    await phone.quiet();
    for (const { size, theme, text } of FORMS) {
      await phone.page.setViewportSize(size);
      await phone.page.emulateMedia({ colorScheme: theme });
      await setTextSize(phone, text);
      const picture = await phone.page.screenshot({ type: 'jpeg', quality: 70, animations: 'disabled' });
      pictures.push(`data:image/jpeg;base64,${picture.toString('base64')}`);
    }
  } finally {
    await phone.close();
    await product.calm();
  }
  return pictures;
}

/** Rows of the sheet: the name of a screen and its pictures. */
async function rowsOf(product, screens, options = {}, suffix = '') {
  const rows = [];
  for (const [name, reach] of Object.entries(screens)) {
    rows.push({ name: name + suffix, pictures: await picturesOf(product, reach, options) });
  }
  return rows;
}

const browser = await openBrowser();
try {
  const english = Object.fromEntries(ENGLISH.map((name) => [name, SCREENS[name]]));
  const product = await Product.start();
  const rows = await rowsOf(product, SCREENS);
  rows.push(...(await rowsOf(product, english, { locale: 'en-US', launch: { language_code: 'en' } }, ' (English)')));
  await product.stop();
  const market = await Product.start({ MARKET_CALLS_PER_MIN: '120' });
  rows.push(...(await rowsOf(market, { ...MARKET_SCREENS, ...WORTH_SCREENS, ...SEARCH_SCREENS })));
  await market.stop();

  const page = await browser.newPage({ viewport: { width: 2 * ROW_WIDTH, height: 800 } });
  const figures = rows.map(({ name, pictures }) => {
    const images = pictures.map((picture) => `<img height="${HEIGHT}" src="${picture}" alt="">`).join(' ');
    return `<figure style="width:${ROW_WIDTH}px;margin:0"><figcaption>${name}</figcaption>${images}</figure>`;
  });
  const style = 'display:flex;flex-wrap:wrap;margin:0;background:#ddd;font:14px sans-serif';
  await page.setContent(`<body style="${style}">${figures.join('')}</body>`);
  await page.screenshot({ path, type: 'jpeg', quality: 14, fullPage: true });
  console.log(`The sheet is ${path}`);
} finally {
  await browser.close();
}
