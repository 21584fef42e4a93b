import { createSignal } from 'solid-js';
import { screenEntered } from '../../platform/pressGuard';

/** The screens that the tabs at the bottom lead to. */
export const TABS = ['list', 'searches', 'responses', 'profile'] as const;
/** The screens that need no more than their name. */
const PLAIN = [...TABS, 'filters', 'edit', 'truck', 'subscription'] as const;

/** A screen and what it shows. The hash holds it, because only `/app/` itself is served. */
export type Route =
  | { name: (typeof PLAIN)[number] }
  /** A link that was cut or changed on its way. */
  | { name: 'damaged' }
  /** A cargo, what the driver adds to a response to it, and what becomes of a payment. */
  | { name: 'cargo' | 'respond' | 'payment'; id: string };

/** The route that a hash names; an unknown one is the list. */
export function parseRoute(hash: string): Route {
  const [, name, id] = hash.replace(/^#/, '').split('/');
  const plain = PLAIN.find((each) => each === name);
  if (plain) return { name: plain };
  if (name !== 'cargo' && name !== 'respond' && name !== 'payment') return { name: name === 'damaged' ? name : 'list' };
  try {
    return routeTo(name, decodeURIComponent(id ?? ''));
  } catch {
    return { name: 'damaged' };
  }
}

/** CargoTech's ids, as the server takes them. */
const CARGO_ID = /^[1-9]\d{0,19}$/;

function routeTo(name: 'cargo' | 'respond' | 'payment', id: string): Route {
  const fits = name === 'payment' ? id !== '' : CARGO_ID.test(id);
  return fits ? { name, id } : { name: 'damaged' };
}

/**
 * Takes the token of an access link out of the address and its history, where it would stay for whoever looks; null when
 * there is none. What Telegram may have added behind it stays.
 */
export function takeLinkToken(): string | null {
  const [link, token] = /^#\/access\/([\w-]*)/.exec(location.hash) ?? [];
  if (link === undefined || token === undefined) return null;
  history.replaceState(
    history.state,
    '',
    `${location.pathname}${location.search}#/${location.hash.slice(link.length)}`,
  );
  return token;
}

/** The hash of a route, for links. */
export function hrefOf(route: Route): string {
  if (route.name === 'list') return '#/';
  return 'id' in route ? `#/${route.name}/${encodeURIComponent(route.id)}` : `#/${route.name}`;
}

/** `startapp=cargo_<id>`, `payment_<id>`, `responses` or `subscription` as a route, or null when it says something else. */
export function routeOfStartParam(startParam: string | null): Route | null {
  if (startParam === 'responses' || startParam === 'subscription') return { name: startParam };
  const [, name, id = ''] = /^(cargo|payment)_(.*)$/.exec(startParam ?? '') ?? [];
  return name ? routeTo(name as 'cargo' | 'payment', id) : null;
}

const [route, setRoute] = createSignal<Route>({ name: 'list' });

export { route };

/** How many of our own entries lie under the current one in the history. */
let depth = 0;
/** Where the list was left, so that back leads to the same place. */
let listScroll = 0;

function show(next: Route): void {
  const before = route();
  if (before.name === 'list') listScroll = window.scrollY;
  setRoute(next);
  screenEntered();
  // One stands in front of the other.
  if ('id' in before && 'id' in next && before.id === next.id) return;
  // Where the list stands beside the other screens, it stays as it is (style.css).
  if (!matchMedia('(min-width: 900px)').matches) window.scrollTo(0, next.name === 'list' ? listScroll : 0);
}

/** Opens a route as a new history entry. */
export function navigate(next: Route): void {
  depth += 1;
  history.pushState({ depth }, '', hrefOf(next));
  show(next);
}

/** Opens a route in place of the current one. */
export function replaceRoute(next: Route): void {
  history.replaceState({ depth }, '', hrefOf(next));
  show(next);
}

/** Opens a route with the list and nothing else under it. */
export function openFromList(next: Route): void {
  if (depth === 0) return navigate(next);
  // After the router's own listener, which has shown the list.
  window.addEventListener('popstate', () => navigate(next), { once: true });
  history.go(-depth);
}

/** Whether a screen is one of them. */
export function isTab({ name }: Route): boolean {
  return (TABS as readonly string[]).includes(name);
}

/** Opens a tab. Back leads from each of them to the list, however often they were changed. */
export function openTab(name: (typeof TABS)[number]): void {
  if (name === route().name) window.scrollTo(0, 0);
  else if (name === 'list') goToList();
  else if (route().name === 'list') navigate({ name });
  else replaceRoute({ name });
}

/** Back to where the driver came from; to the list when the history holds nothing of ours. */
export function goBack(): void {
  if (depth > 0) {
    history.back();
    return;
  }
  history.replaceState({ depth }, '', hrefOf({ name: 'list' }));
  show({ name: 'list' });
}

/** Back to the list, however far away it is: it lies under everything else. */
export function goToList(): void {
  if (depth > 0) history.go(-depth);
}

/**
 * Takes over the URL: replaces launch parameters by a route and puts the list under any other screen, so that the
 * hardware back button leads there instead of out of the app.
 */
export function startRouter(startParam: string | null): void {
  history.scrollRestoration = 'manual';
  const state = history.state as { depth?: number } | null;
  const first = routeOfStartParam(startParam) ?? parseRoute(location.hash);
  if (typeof state?.depth === 'number') {
    depth = state.depth;
    setRoute(first);
  } else {
    history.replaceState({ depth }, '', location.pathname + hrefOf({ name: 'list' }));
    if (first.name !== 'list') navigate(first);
  }
  window.addEventListener('popstate', () => {
    const popped = history.state as { depth?: number } | null;
    if (typeof popped?.depth === 'number') {
      depth = popped.depth;
    } else {
      // A tapped link or an edited hash made this entry.
      depth += 1;
      history.replaceState({ depth }, '');
    }
    show(parseRoute(location.hash));
  });
}
