/**
 * Keeps the app's own files on the phone, so that it starts without a network. The build writes the release into it
 * (vite.config.ts). It keeps nothing of what the server says: that belongs to the driver, and the app itself keeps it.
 */

/** The files of this release. Their names change with their content. */
const FILES = [];
/** The one that its page names, and no other release's page does. */
const ENTRY = '';
const PAGE = '/app/';
const CACHE = `shell ${ENTRY}`;
/** How long the network has for the page; after that the one that is kept is better than none. */
const PAGE_WAIT_MS = 2500;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(keepRelease());
});

/** Keeps all of a release or nothing of it. */
async function keepRelease() {
  const page = await fetch(PAGE, { cache: 'no-cache' });
  // While a release goes out, its page comes last. The browser tries again at the next start.
  if (!page.ok || !(await page.clone().text()).includes(ENTRY)) throw new Error('The page is of another release');
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
  await cache.put(PAGE, page);
}

self.addEventListener('activate', (event) => event.waitUntil(takeOver()));

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== 'GET' || origin !== self.location.origin) return;
  if (mode === 'navigate' && pathname === PAGE) event.respondWith(page(event.request));
  else if (pathname.startsWith(`${PAGE}assets/`)) event.respondWith(asset(event.request));
});

/** The page as the network has it, so that nobody is left with an old release. */
async function page(request) {
  const kept = await caches.match(PAGE);
  if (!kept) return fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PAGE_WAIT_MS));
  const answer = await Promise.race([fetch(request).catch(() => undefined), late]);
  return answer?.ok ? answer : kept;
}

async function asset(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
