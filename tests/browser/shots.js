/**
 * Pictures for people to look at.
 *
 * `npm run shots [name…]` makes one of every screen, in every size and theme, in shots/; `npm run readme-shots` those that the
 * README shows, in docs/screenshots, and `npm run guide-shots` those of docs/guides. The bot's chat needs a font with emoji,
 * such as Debian's fonts-noto-color-emoji.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADMIN_SCREENS, ADMIN_SIZES } from './adminScreens.js';
import { openBrowser, Phone, Product, SIZES, shotsFolder, THEMES } from './harness.js';
import { SCREENS } from './screens.js';

const readmeFolder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const guidesFolder = fileURLToPath(new URL('../../docs/guides/img/', import.meta.url));
const names = process.argv.slice(2);
const forReadme = names[0] === '--readme';
const forGuides = names[0] === '--guides';
const [product, browser] = await Promise.all([Product.start(), openBrowser()]);

/** Reaches a screen and makes its picture. */
async function shoot(reach, options, path) {
  const phone = await Phone.make(product, options);
  try {
    await reach(phone);
    // What was done on the way is not what the picture is of.
    await phone.page.locator('.toast-shown').waitFor({ state: 'detached' });
    await phone.page.waitForFunction(() => !document.querySelector('button:active, a:active'));
    await phone.page.screenshot({ path, animations: 'disabled' });
  } finally {
    await phone.close();
    await product.calm();
  }
}

/** The page with the phone frame, with the list in it. */
async function reachFrame(desk) {
  await desk.page.goto(product.url);
  await desk.page.frameLocator('#web-view iframe').getByTestId('cargo-card').first().waitFor();
  await desk.page.locator('#placeholder.gone').waitFor({ state: 'attached' });
}

/** The same, after a driver has responded to a cargo: the dispatchers have it. */
async function reachChats(desk) {
  await reachFrame(desk);
  const app = desk.page.frameLocator('#web-view iframe');
  await app.getByTestId('cargo-card').nth(1).click();
  await app.getByTestId('contacts').waitFor();
  await app.locator('html:not([data-entered])').waitFor({ state: 'attached' });
  await desk.page.locator('#main-button').click();
  await desk.page.locator('#popup').getByRole('button', { name: 'Поделиться' }).click();
  await app.getByTestId('response-panel').filter({ hasText: 'Ждём ответа' }).waitFor();
  await desk.page.locator('[data-chat=dispatch] .inline-button').first().waitFor();
  await app.locator('.toast-shown').waitFor({ state: 'detached' });
}

/** What dispatchers see of a response. */
async function shootDispatch(path) {
  const desk = await Phone.make(product, { desktop: true, size: { width: 1280, height: 870 } });
  try {
    await reachChats(desk);
    await desk.page.locator('[data-chat=dispatch]').screenshot({ path, animations: 'disabled' });
  } finally {
    await desk.close();
  }
}

try {
  const folder = forReadme ? readmeFolder : forGuides ? guidesFolder : shotsFolder;
  mkdirSync(folder, { recursive: true });
  if (forReadme) {
    const size = SIZES[1];
    const shown = {
      list: 'list-filtered',
      filters: 'filters',
      cargo: 'cargo',
      response: 'response-accepted',
      responses: 'responses',
      shipper: 'shipper',
      locked: 'cargo-locked',
      subscription: 'subscription-active',
      link: 'access-link',
    };
    for (const [name, screen] of Object.entries(shown))
      await shoot(SCREENS[screen], { size }, join(folder, `${name}.png`));
    await shoot(reachChats, { desktop: true, size: { width: 1280, height: 870 } }, join(folder, 'dev.png'));
  } else if (forGuides) {
    const [size] = SIZES;
    const shown = {
      list: 'list-filtered',
      filters: 'filters',
      cargo: 'cargo',
      response: 'response-accepted',
      subscription: 'subscription-active',
      shipper: 'shipper',
    };
    for (const [name, screen] of Object.entries(shown))
      await shoot(SCREENS[screen], { size }, join(folder, `${name}.png`));
    const forAdmins = ['overview', 'payment', 'refund', 'driver', 'flags', 'settings-review', 'audit'].map(
      (name) => `admin-${name}`,
    );
    for (const name of forAdmins) await shoot(ADMIN_SCREENS[name], { size }, join(folder, `${name}.png`));
    await shootDispatch(join(folder, 'dispatch.png'));
  } else {
    const wanted = (name) => names.length === 0 || names.includes(name);
    for (const theme of THEMES) {
      for (const size of SIZES) {
        for (const [name, reach] of Object.entries(SCREENS).filter(([name]) => wanted(name))) {
          await shoot(reach, { size, theme }, join(folder, `${name}-${size.width}-${theme}.png`));
        }
      }
      for (const size of ADMIN_SIZES) {
        for (const [name, reach] of Object.entries(ADMIN_SCREENS).filter(([name]) => wanted(name) || wanted('admin'))) {
          await shoot(
            reach,
            { size, theme, desktop: size.width > 1000 },
            join(folder, `${name}-${size.width}-${theme}.png`),
          );
        }
      }
      if (!wanted('dev')) continue;
      const reach = async (desk) => {
        await desk.page.addInitScript((theme) => localStorage.setItem('local-phone', JSON.stringify({ theme })), theme);
        await reachFrame(desk);
      };
      await shoot(reach, { desktop: true, size: { width: 1280, height: 1000 } }, join(folder, `dev-${theme}.png`));
    }
  }
  console.log(`The pictures are in ${folder}`);
} finally {
  await browser.close();
  await product.stop();
}
