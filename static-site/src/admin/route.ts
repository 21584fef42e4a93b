import { createSignal } from 'solid-js';
import { screenEntered } from '../pressGuard';

/** Where the page is: a section, one thing in it, a tab of that, and what the list is filtered by. The hash holds it. */
export interface Route {
  section: string;
  id: string | null;
  tab: string | null;
  query: Record<string, string>;
}

/** The route that a hash names; the overview when it names none. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [section = '', id, tab] = path.split('/').map(decoded);
  return { section, id: id || null, tab: tab || null, query: Object.fromEntries(new URLSearchParams(query)) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

/** The hash of a place; empty filters are left out. */
export function hrefOf(section: string, id?: string | number | null, tab?: string | null, query: Record<string, string | undefined> = {}): string {
  const path = [section, id, tab].filter((part) => part !== undefined && part !== null && part !== '').map((part) => encodeURIComponent(part as string));
  const filled = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
  const text = new URLSearchParams(filled).toString();
  return `#/${path.join('/')}${text && `?${text}`}`;
}

const [route, setRoute] = createSignal<Route>({ section: '', id: null, tab: null, query: {} });
export { route };

/** How many of our own entries lie under the current one. */
let depth = 0;

/** Follows the address. */
export function startRouter(): void {
  const state = history.state as { depth?: number } | null;
  if (typeof state?.depth === 'number') depth = state.depth;
  else history.replaceState({ depth }, '', location.hash.startsWith('#/') ? location.hash : '#/');
  setRoute(parseRoute(location.hash));
  window.addEventListener('popstate', () => {
    const popped = history.state as { depth?: number } | null;
    if (typeof popped?.depth === 'number') {
      depth = popped.depth;
    } else {
      depth += 1;
      history.replaceState({ depth }, '');
    }
    const before = route();
    setRoute(parseRoute(location.hash));
    if (before.section === route().section && before.id === route().id) return;
    window.scrollTo(0, 0);
    screenEntered();
  });
}

/** Opens a place as a new entry of the history. */
export function navigate(href: string): void {
  depth += 1;
  history.pushState({ depth }, '', href);
  setRoute(parseRoute(href));
  window.scrollTo(0, 0);
  screenEntered();
}

/** Opens a place instead of the current one: another filter is not another page to go back to. */
export function replaceRoute(href: string): void {
  history.replaceState({ depth }, '', href);
  setRoute(parseRoute(href));
}

/** Back to where the admin came from; up to the list when the history holds nothing of ours. */
export function goBack(): void {
  if (depth > 0) history.back();
  else replaceRoute(hrefOf(route().section));
}
