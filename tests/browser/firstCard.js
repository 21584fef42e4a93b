/**
 * `npm run first-card` measures how long a driver waits for the first card: cold, and at the second launch of the app, as
 * Chromium's developer tools slow the network and the processor down; and how much the page moves until all is there (CLS).
 * It reports and asserts nothing. Whatever else the machine does meanwhile is in the figures.
 */
import { newDriver, openBrowser, Phone, Product } from './harness.js';

/** The developer tools' own networks; bytes a second, milliseconds of each request. */
const NETWORKS = {
  'Fast 3G': { downloadThroughput: 180_000, uploadThroughput: 84_375, latency: 562.5 },
  'Slow 3G': { downloadThroughput: 50_000, uploadThroughput: 50_000, latency: 2000 },
};
const PROCESSOR_SLOWER = 4;
const TIMES = 7;

/** Milliseconds from the launch to the frame with the first card, and how much moved until the network was still. */
async function launch(phone, network) {
  const address = await phone.address();
  await phone.page.close();
  phone.page = await phone.context.newPage();
  const cdp = await phone.context.newCDPSession(phone.page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, ...network });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: PROCESSOR_SLOWER });
  await phone.page.addInitScript(() => {
    window.moved = 0;
    const add = ({ value, hadRecentInput }) => (window.moved += hadRecentInput ? 0 : value);
    new PerformanceObserver((shifts) => shifts.getEntries().forEach(add)).observe({
      type: 'layout-shift',
      buffered: true,
    });
    const seen = new MutationObserver(() => {
      if (!document.querySelector('[data-testid=cargo-card]')) return;
      seen.disconnect();
      requestAnimationFrame(() => setTimeout(() => (window.firstCardMs = performance.now())));
    });
    seen.observe(document, { childList: true, subtree: true });
  });
  await phone.page.goto(address, { waitUntil: 'commit' });
  const ms = await phone.page.waitForFunction(() => window.firstCardMs, null, { timeout: 60_000 });
  await phone.quiet();
  return { ms: await ms.jsonValue(), moved: await phone.page.evaluate(() => window.moved) };
}

/** The middle one. */
const median = (samples) => samples.sort((a, b) => a - b)[Math.floor(samples.length / 2)];

const [product, browser] = await Promise.all([Product.start({ MARKET_CALLS_PER_MIN: '120' }), openBrowser()]);
try {
  console.log(
    `| processor ${PROCESSOR_SLOWER} times slower | cold | the second launch | most movement |\n|---|---|---|---|`,
  );
  for (const [name, network] of Object.entries(NETWORKS)) {
    const cold = [];
    const warm = [];
    for (let time = 0; time < TIMES; time += 1) {
      const phone = await Phone.make(product, { driver: newDriver(), telegram: true, serviceWorkers: 'allow' });
      cold.push(await launch(phone, network));
      // The worker has the app then.
      await phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      warm.push(await launch(phone, network));
      await phone.close();
    }
    const shown = [cold, warm].map((launches) => `${(median(launches.map(({ ms }) => ms)) / 1000).toFixed(2)} s`);
    const most = Math.max(...[...cold, ...warm].map(({ moved }) => moved));
    console.log(`| ${name} | ${shown.join(' | ')} | ${most.toFixed(3)} |`);
  }
} finally {
  await browser.close();
  await product.stop();
}
