import { createEffect, createRoot, createSignal, on } from 'solid-js';
import {
  type Access,
  type Card,
  type CardPage,
  type Choice,
  createApi,
  type Links,
  type Me,
  type Settlement,
} from '../../api/driver';
import type { FieldError } from '../../api/error';
import type { Language } from '../../api/types';
import { readLaunch } from '../../platform/launch';
import {
  ACCESS_COPY,
  CAME_FROM,
  FILTERS,
  forgetPersonal,
  forgetSession,
  HIDDEN,
  LANGUAGE,
  OWNER,
  RECENT,
  SAVED,
  SEEN,
  VISIT,
  WANTED,
} from '../../platform/personal';
import { guardPresses, screenEntered } from '../../platform/pressGuard';
import { randomUuid, Session, type SessionState } from '../../platform/session';
import { openStorage } from '../../platform/storage';
import { foreground, startTelegram } from '../../platform/telegram';
import { isoDay } from '../../ui/format';
import { access, needsSubscription, setAccess } from '../billing/access';
import { createCargoList } from '../cargos/list';
import {
  hidden,
  saved,
  seen,
  setHidden,
  setSaved,
  setSeen,
  setVisitedAt,
  type Visit,
  visitNow,
  withCard,
  withMark,
} from '../cargos/marks';
import { type Filters, ordered, parseFilters, toQuery } from '../filters/filters';
import { setKnown } from '../responses/known';
import { setKept } from '../responses/outbox';
import { defaultLanguage, setLanguage } from './messages';
import { route, startRouter, takeLinkToken } from './route';

/** The app as a whole: its parts, made once and wired together. Screens use what is exported here. */

/** What stays on this phone. */
export const storage = openStorage(() => localStorage);
// Before anything else sees or stores the address.
const linkToken = takeLinkToken();
const launch = readLaunch(
  location,
  openStorage(() => sessionStorage),
);

const [sessionState, setSessionState] = createSignal<SessionState>({ name: 'starting' });
const [filters, setFilters] = createSignal<Filters>({});
/** Filters that were chosen while nobody answered. */
const [wanted, setWantedSignal] = createSignal<Filters | null>(null);
const [online, setOnline] = createSignal(navigator.onLine !== false);
const [now, setNow] = createSignal(Date.now());

/** `now` is for ages on the screen: it moves twice a minute. */
export { filters, now, online, sessionState, wanted };

/** What the driver chose last, applied or not: the next choice adds to it. */
export const chosenFilters = () => wanted() ?? filters();

export const api = createApi(() => session);
export const list = createCargoList(cargos, storage);
export const session: Session = new Session({
  launch,
  api,
  storage,
  newKey: randomUuid,
  now: Date.now,
  onChange: takeState,
  onAccess: takeAccess,
  search: () => (sessionState().name === 'starting' && route().name === 'list' ? toQuery(filters()) : null),
  onList: (query, { age_s, page }) => {
    ahead = { query, page: { ...page, askedAt: Date.now() - age_s * 1000, upstreamDown: false } };
  },
  onDriverGone: forgetDriver,
  onEnded: endSession,
});

/** The first page that came with the sign-in, until the list asks for it. */
let ahead: { query: string; page: CardPage } | null = null;

function cargos(query: string, signal?: AbortSignal): Promise<CardPage> {
  const page = ahead?.query === query ? ahead.page : null;
  ahead = null;
  return page ? Promise.resolve(page) : api.cargos(query, signal);
}

/** How old what is known of the driver's access may be while the app is looked at. */
const ACCESS_AGE_MS = 25_000;

/** The driver who is signed in. Screens that need one are only shown then. */
export function driver(): (Me & { links: Links }) | null {
  const state = sessionState();
  return state.name === 'active' ? { ...state.driver, links: state.links } : null;
}

/** Whether Telegram launched the app: then it can do so again, and nobody needs a link. */
export const fromTelegram = launch.initData !== null;

/** Starts everything. Resolves when the first texts are in the right language. */
export async function startApp(): Promise<void> {
  guardPresses();
  startTelegram(launch);
  // The launch stays stored, and the page there signs in with it.
  if (launch.startParam === 'admin') return location.replace('/app/admin/');
  // Before the router's own listener: a link that is put into the address of an open page loads nothing anew.
  window.addEventListener('popstate', () => {
    const token = takeLinkToken();
    if (token !== null) void session.start(token);
  });
  startRouter(launch.startParam);
  const chosen = storage.get(LANGUAGE);
  await setLanguage(
    chosen === 'ru' || chosen === 'en' ? chosen : defaultLanguage(launch.languageCode ?? navigator.language ?? null),
  ).catch(() => undefined);
  filtersFromStorage();
  setAccess(storage.get(ACCESS_COPY) as Access | null);
  setSeen((storage.get(SEEN) as string[] | null) ?? []);
  setSaved((storage.get(SAVED) as Card[] | null) ?? []);
  // An older version remembered only their ids.
  setHidden(((storage.get(HIDDEN) as Card[] | null) ?? []).filter(({ id }) => id));
  setVisitedAt((storage.get(VISIT) as Visit | null)?.before ?? null);
  setInterval(() => setNow(Date.now()), 30_000);
  // What admins switch is to be seen within half a minute.
  setInterval(() => !document.hidden && online() && driver() && void refreshAccess(), ACCESS_AGE_MS);
  window.addEventListener('offline', () => setOnline(false));
  window.addEventListener('online', () => setOnline(true));
  createRoot(() => {
    createEffect(() => list.fromCopy() || noteVisit(list.page()));
    createEffect(
      on(
        [online, foreground],
        () => {
          setNow(Date.now());
          const { name } = sessionState();
          if (name === 'failed') void session.start();
          if (name !== 'active') return;
          void session.refreshIfOld();
          if (unsaved()) saveFiltersSoon();
          if (online()) void applyWanted();
          // It may have been paid for elsewhere.
          if (access()) void refreshAccess();
        },
        { defer: true },
      ),
    );
  });
  void session.start(linkToken);
}

// Filters: kept on the phone at once, on the server a little later, so that they follow the driver to another phone.

const SAVE_DELAY_MS = 2000;

let saveTimer: ReturnType<typeof setTimeout> | undefined;

interface KeptFilters {
  filters: unknown;
  /** Not on the server yet. */
  unsaved: boolean;
}

function filtersFromStorage(): void {
  const today = isoDay(new Date());
  setFilters(parseFilters((storage.get(FILTERS) as KeptFilters | null)?.filters, today));
  const waiting = storage.get(WANTED);
  if (waiting) setWantedSignal(parseFilters(waiting, today));
}

/** They wait for an answer also while the app is closed. */
function setWanted(next: Filters | null): void {
  setWantedSignal(next);
  if (next) storage.set(WANTED, next);
  else storage.remove(WANTED);
}

function unsaved(): boolean {
  return (storage.get(FILTERS) as KeptFilters | null)?.unsaved === true;
}

function keepFilters(next: Filters, isUnsaved: boolean): void {
  setFilters(next);
  storage.set(FILTERS, { filters: next, unsaved: isUnsaved } satisfies KeptFilters);
}

/**
 * Loads the list with these filters and remembers them; the server's complaints when it refuses them. When nobody answers, the
 * filters of the list stay, and these wait for the network.
 */
export async function applyFilters(chosen: Filters): Promise<FieldError[]> {
  const next = ordered(chosen);
  const loading = list.load(next);
  const before = filters();
  setFilters(next);
  setWanted(null);
  const outcome = await loading;
  // Other filters were chosen in the meantime: theirs is the last word.
  if (filters() !== next) return [];
  if (!Array.isArray(outcome)) {
    setFilters(list.applied());
    setWanted(next);
    // Nobody was asked about these yet.
    if (outcome === 'overtaken') await applyWanted();
    return [];
  }
  if (outcome.length > 0) setFilters(list.applied());
  else if (toQuery(next) !== toQuery(before)) saveFilters(next);
  return outcome;
}

/** Tries the filters that wait for an answer once more; the list of those before stays until there is one. */
async function applyWanted(): Promise<void> {
  const next = wanted();
  if (!next) return;
  const outcome = await list.load(next, true);
  if (wanted() !== next || !Array.isArray(outcome)) return;
  setWanted(null);
  if (outcome.length === 0) saveFilters(next);
}

/** Asks for the list again: with the filters that wait for an answer, if there are any. */
export function refreshList(quietly = false): Promise<unknown> {
  return wanted() ? applyWanted() : list.refresh(quietly);
}

function saveFilters(next: Filters): void {
  keepFilters(next, true);
  saveFiltersSoon();
}

function saveFiltersSoon(): void {
  clearTimeout(saveTimer);
  saveTimer = setTimeout(() => {
    const saving = filters();
    const value = Object.keys(saving).length > 0 ? saving : null;
    api.saveMe({ preferences: { filters: value } }).then(
      (me) => {
        session.setDriver(me);
        if (filters() === saving) keepFilters(saving, false);
      },
      // Quietly: they are on the phone, and the next chance is when it is online again.
      () => undefined,
    );
  }, SAVE_DELAY_MS);
}

function takeState(state: SessionState): void {
  if (state.name === 'active' && sessionState().name !== 'active') {
    const owner = String(state.driver.id);
    if ((storage.get(OWNER) ?? owner) !== owner) forgetDriver();
    storage.set(OWNER, owner);
    // First, since the list starts to load with them as soon as it is drawn.
    const { preferences } = state.driver;
    if (unsaved()) saveFiltersSoon();
    else keepFilters(parseFilters(preferences.filters, isoDay(new Date())), false);
    if (preferences.language) void chooseLanguage(preferences.language).catch(() => undefined);
  }
  const entered = state.name !== sessionState().name;
  setSessionState(state);
  if (entered) screenEntered();
}

/** What was seen in a session goes with it. Filters and the like stay for the driver's next one. */
function endSession(): void {
  forgetSession(storage);
  setAccess(null);
  setKnown([]);
  setKept([]);
}

/** The phone changed hands. */
function forgetDriver(): void {
  clearTimeout(saveTimer);
  endSession();
  forgetPersonal(storage);
  setFilters({});
  setWanted(null);
  setSeen([]);
  setSaved([]);
  setHidden([]);
  setVisitedAt(null);
}

/** Remembers that the driver has opened a cargo: its card is paler from then on. */
export function markSeen(id: string): void {
  storage.set(SEEN, setSeen(withMark(seen(), id, true)));
}

/** Puts a cargo aside, or back. */
export function saveCargo(card: Card, marked: boolean): void {
  storage.set(SAVED, setSaved(withCard(saved(), card, marked)));
}

/** Takes a cargo out of the list, or back into it. */
export function markHidden(card: Card, marked: boolean): void {
  storage.set(HIDDEN, setHidden(withCard(hidden(), card, marked)));
}

function noteVisit(page: CardPage | null): void {
  if (!page) return;
  const visit = visitNow(storage.get(VISIT) as Visit | null, Date.parse(page.fetched_at));
  setVisitedAt(visit.before);
  storage.set(VISIT, visit);
}

/** Switches the interface and remembers it on this phone. */
export async function chooseLanguage(language: Language): Promise<void> {
  await setLanguage(language);
  storage.set(LANGUAGE, language);
}

// The subscription.

/** Remembers the cargo on the screen, if there is one: who goes to pay for it wants it back afterwards. */
export function rememberCargo(): void {
  const current = route();
  if (current.name === 'cargo' || current.name === 'respond') storage.set(CAME_FROM, current.id);
  else storage.remove(CAME_FROM);
}

/** The cargo from which the driver went to pay. */
export function cargoPaidFor(): string | null {
  const id = storage.get(CAME_FROM);
  return typeof id === 'string' ? id : null;
}

let accessAt = 0;

/** Asks how the subscription stands, unless that was said just now: a session of yesterday says nothing of it. */
export function freshenAccess(): void {
  if (Date.now() - accessAt > ACCESS_AGE_MS) void refreshAccess();
}

/** Takes over what the server said of the subscription. What became open or locked by it is asked for again. */
export function takeAccess(next: Access): void {
  accessAt = Date.now();
  const locked = list.error();
  setAccess(next);
  storage.set(ACCESS_COPY, next);
  if (!next.features.list) list.forget();
  if (next.features.list && needsSubscription(locked)) void list.refresh();
}

/** Asks how the subscription stands. Quietly: every answer of the server obeys it anyway. */
export async function refreshAccess(): Promise<void> {
  try {
    takeAccess(await api.access());
  } catch {
    // The next occasion comes.
  }
}

// What the filter sheet offers.

const RECENT_CITIES = 6;
const DICTIONARY_MAX_AGE_MS = 86_400_000;

/** The cities chosen last, the latest first. */
export function recentCities(): Settlement[] {
  const value = storage.get(RECENT);
  // Older versions remembered the points of CargoTech.
  return Array.isArray(value) ? (value as Settlement[]).filter((city) => city.name_en !== undefined) : [];
}

/** Puts a chosen city first among them. */
export function rememberCity(city: Settlement): void {
  const others = recentCities().filter((each) => each.id !== city.id);
  storage.set(RECENT, [city, ...others].slice(0, RECENT_CITIES));
}

export type Dictionary = 'truck-types' | 'load-types';

const [dictionaries, setDictionaries] = createSignal<Partial<Record<Dictionary, Choice[]>>>({});

/** A dictionary as far as it is loaded. */
export function choices(name: Dictionary): Choice[] | undefined {
  return dictionaries()[name];
}

/** Loads a dictionary unless a recent one is on the phone; an older one is better than none. */
export async function loadChoices(name: Dictionary): Promise<void> {
  if (choices(name)) return;
  const kept = storage.get(name) as { at: number; items: Choice[] } | null;
  if (kept) setDictionaries({ ...dictionaries(), [name]: kept.items });
  if (kept && Date.now() - kept.at < DICTIONARY_MAX_AGE_MS) return;
  try {
    const items = await api.choices(name);
    storage.set(name, { at: Date.now(), items });
    setDictionaries({ ...dictionaries(), [name]: items });
  } catch (error) {
    if (!kept) throw error;
  }
}
