import { createSignal } from 'solid-js';
import { screenEntered } from '../platform/pressGuard';

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
export function hrefOf(
  section: string,
  id?: string | number | null,
  tab?: string | null,
  query: Record<string, string | undefined> = {},
): string {
  const path = [section, id, tab]
    .filter((part) => part !== undefined && part !== null && part !== '')
    .map((part) => encodeURIComponent(part as string));
  const filled = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
  const text = new URLSearchParams(filled).toString();
  return `#/${path.join('/')}${text && `?${text}`}`;
}

const [route, setRoute] = createSignal<Route>({ section: '', id: null, tab: null, query: {} });

export { route };

/** How many of our own entries lie under the current one. */
let depth = 0;
/** The address as it stands. */
let here = '#/';
/** How far each entry was scrolled when it was left. */
const places = new Map<number, number>();
/** Whether the place was come back to: lists then stand as they were left. */
let returned = false;

export function hasReturned(): boolean {
  return returned;
}

/** Whether something would be lost by leaving; and where to, while the admin is asked. */
let wouldLose: (() => boolean) | null = null;
const [leaving, setLeaving] = createSignal<string | null>(null);

export { leaving };

/** Asks before the page leads away while `isDirty`; returns what ends that. */
export function holdHere(isDirty: () => boolean): () => void {
  const warn = (event: BeforeUnloadEvent) => isDirty() && event.preventDefault();
  wouldLose = isDirty;
  window.addEventListener('beforeunload', warn);
  return () => {
    if (wouldLose === isDirty) wouldLose = null;
    setLeaving(null);
    window.removeEventListener('beforeunload', warn);
  };
}

/** The admin's answer: stay, or leave and lose what was typed. */
export function answerLeaving(leave: boolean): void {
  const to = leaving();
  setLeaving(null);
  if (!leave || to === null) return;
  wouldLose = null;
  navigate(to);
}

function isElsewhere(href: string): boolean {
  const next = parseRoute(href);
  return next.section !== route().section || next.id !== route().id;
}

/** The next step of the history is our own, back from where the admin has not gone. */
let isOurs = false;

/** Follows the address. */
export function startRouter(): void {
  // We know better than the browser: what it scrolls is not there yet.
  history.scrollRestoration = 'manual';
  const state = history.state as { depth?: number } | null;
  if (typeof state?.depth === 'number') depth = state.depth;
  else history.replaceState({ depth }, '', location.hash.startsWith('#/') ? location.hash : '#/');
  here = location.hash;
  setRoute(parseRoute(location.hash));
  window.addEventListener('popstate', () => {
    if (isOurs) {
      isOurs = false;
      return;
    }
    const popped = history.state as { depth?: number } | null;
    const isBack = typeof popped?.depth === 'number';
    if (wouldLose?.() && isElsewhere(location.hash)) {
      setLeaving(location.hash);
      // The address stays what it was: put over where back led, or come back to from what was opened.
      if (isBack) history.pushState({ depth }, '', here);
      else {
        isOurs = true;
        history.back();
      }
      return;
    }
    places.set(depth, window.scrollY);
    if (isBack) {
      depth = popped?.depth ?? 0;
    } else {
      depth += 1;
      history.replaceState({ depth }, '');
    }
    here = location.hash;
    const before = route();
    returned = isBack;
    setRoute(parseRoute(location.hash));
    if (before.section === route().section && before.id === route().id) return;
    const place = isBack ? (places.get(depth) ?? 0) : 0;
    window.scrollTo(0, place);
    if (place > 0) requestAnimationFrame(() => window.scrollTo(0, place));
    screenEntered();
  });
}

/** Opens a place as a new entry of the history. */
export function navigate(href: string): void {
  if (wouldLose?.() && isElsewhere(href)) {
    setLeaving(href);
    return;
  }
  places.set(depth, window.scrollY);
  depth += 1;
  returned = false;
  history.pushState({ depth }, '', href);
  here = href;
  setRoute(parseRoute(href));
  window.scrollTo(0, 0);
  screenEntered();
}

/** Opens a place instead of the current one: another filter is not another page to go back to. */
export function replaceRoute(href: string): void {
  returned = false;
  history.replaceState({ depth }, '', href);
  here = href;
  setRoute(parseRoute(href));
}

/** Back to where the admin came from; up to the list when the history holds nothing of ours. */
export function goBack(): void {
  if (depth > 0) history.back();
  else replaceRoute(hrefOf(route().section));
}
