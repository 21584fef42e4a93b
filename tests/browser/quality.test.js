import assert from 'node:assert/strict';
import { seriousViolations } from './accessibility.js';
import { ADMIN_SCREENS } from './adminScreens.js';
import { journeys, THEMES } from './harness.js';
import { SCREENS } from './screens.js';
import { misfits, setTextSize, TEXT_SIZES } from './textSize.js';

const journey = journeys();

/** What a driver on 3G waits for: 35 KB, a kilobyte being a thousand bytes. */
const FIRST_LOAD_BYTES = 35_000;
/** A finger's width, in CSS pixels. */
const TARGET = 44;
/** Screens that only say something. */
const NOTHING_TO_TAP = ['loading', 'session-outside', 'shipper-expired', 'shipper-invalid'];
/** A tablet, and a laptop: where the admin page has cards, and where it has tables. */
const TABLE_WIDTHS = [768, 1100, 1280];
const ALL_SCREENS = { ...SCREENS, ...ADMIN_SCREENS };

journey('the first card is on the screen after at most 35 KB of the web app', async ({ phone, product }) => {
  const driver = await phone();
  const cdp = await driver.context.newCDPSession(driver.page);
  await cdp.send('Network.enable');
  const urls = new Map();
  const bytes = { app: 0, api: 0 };
  const files = [];
  cdp.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
  // All that came over the wire for a request: headers and compressed body.
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId) ?? '';
    if (!url.startsWith(product.url)) return;
    bytes[url.startsWith(`${product.url}/api/`) ? 'api' : 'app'] += encodedDataLength;
    files.push(`${encodedDataLength} ${new URL(url).pathname}`);
  });
  await driver.openList();
  const { app, api } = bytes;
  console.log(`# first load: ${app} bytes of the web app, ${api} bytes of the API\n# ${files.join('\n# ')}`);
  assert.ok(
    files.some((file) => file.endsWith('.js')) && files.some((file) => file.endsWith('.css')),
    'something is counted',
  );
  assert.ok(app <= FIRST_LOAD_BYTES, `${app} bytes`);
});

for (const [name, reach] of Object.entries(ALL_SCREENS)) {
  journey(`the screen "${name}" is for fingers and for everybody, and holds larger text`, async ({ phone }) => {
    const driver = await phone();
    await reach(driver);
    const { measured, small } = await driver.page.evaluate(measureTargets, TARGET);
    assert.deepEqual(small, []);
    if (!NOTHING_TO_TAP.includes(name)) assert.ok(measured > 0, 'something was measured');
    for (const theme of THEMES) {
      await driver.page.emulateMedia({ colorScheme: theme });
      assert.deepEqual(await seriousViolations(driver.page), [], theme);
    }
    for (const size of TEXT_SIZES) {
      await setTextSize(driver, size);
      const { measured, found } = await misfits(driver);
      if (name !== 'loading') assert.ok(measured > 0, 'some text was measured');
      assert.deepEqual(found, [], `text of ${size} %`);
    }
    if (!(name in ADMIN_SCREENS)) return;
    await setTextSize(driver, 100);
    for (const width of TABLE_WIDTHS) {
      await driver.page.setViewportSize({ width, height: 1024 });
      assert.deepEqual((await misfits(driver)).found, [], `${width} px wide`);
    }
  });
}

/** What can be tapped and is smaller than a finger. Runs in the page. */
function measureTargets(least) {
  // Far cards have no size until they are scrolled to; here they get it at once.
  for (const item of document.querySelectorAll('.cards > li')) item.style.contentVisibility = 'visible';
  const targets = [...document.querySelectorAll('a[href], button, input, select, textarea, [role=option]')].filter(
    (element) => element.checkVisibility() && !element.closest('.visually-hidden'),
  );
  const small = targets
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width < least || box.height < least)
    .map(({ element, box }) => `${box.width.toFixed(1)}x${box.height.toFixed(1)} ${element.outerHTML.slice(0, 120)}`);
  return { measured: targets.length, small };
}

journey('what goes wrong on a phone fails a test', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await driver.page.evaluate(async () => {
    console.error('a mistake');
    setTimeout(() => {
      throw new Error('a fault');
    });
    await fetch('https://example.org/').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve));
  });
  const problems = driver.problems.splice(0).join('\n');
  for (const kind of [/a mistake/, /a fault/, /Content Security Policy/]) assert.match(problems, kind);
});
