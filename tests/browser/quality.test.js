import assert from 'node:assert/strict';
import { journeys } from './harness.js';
import { testScreens } from './screenChecks.js';
import { SCREENS } from './screens.js';

const journey = journeys();

/** What a driver on 3G waits for: 35 KB, a kilobyte being a thousand bytes. */
const FIRST_LOAD_BYTES = 35_000;

journey('the first card is on the screen after at most 35 KB of the web app', async ({ phone, product }) => {
  const driver = await phone();
  const cdp = await driver.context.newCDPSession(driver.page);
  await cdp.send('Network.enable');
  const urls = new Map();
  const sizes = new Map();
  cdp.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
  // All that came over the wire for a request: headers and compressed body.
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId) ?? '';
    if (url.startsWith(product.url)) sizes.set(url, (sizes.get(url) ?? 0) + encodedDataLength);
  });
  await driver.page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.querySelector('[data-testid=cargo-card]')) window.firstCardAt ??= performance.now();
    }).observe(document, { childList: true, subtree: true });
  });
  await driver.openList();
  // What is asked for once the card is there keeps nobody waiting.
  const later = await driver.page.evaluate(() => {
    const all = performance.getEntriesByType('resource');
    return all.filter(({ startTime }) => startTime > window.firstCardAt).map(({ name }) => name);
  });
  const bytes = { app: 0, api: 0 };
  const files = [];
  for (const [url, size] of sizes) {
    if (later.includes(url)) continue;
    bytes[url.startsWith(`${product.url}/api/`) ? 'api' : 'app'] += size;
    files.push(`${size} ${new URL(url).pathname}`);
  }
  const { app, api } = bytes;
  console.log(`# first load: ${app} bytes of the web app, ${api} bytes of the API\n# ${files.join('\n# ')}`);
  assert.ok(
    files.some((file) => file.endsWith('.js')) && files.some((file) => file.endsWith('.css')),
    'something is counted',
  );
  assert.ok(app <= FIRST_LOAD_BYTES, `${app} bytes`);
});

testScreens(journey, SCREENS);

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
