import { batch, createSignal } from 'solid-js';
import type { DriverResponse, ResponsePage } from '../../api/driver';
import { ApiError, asApiError } from '../../api/error';
import type { ResponseStatus } from '../../api/types';
import type { KeyValue } from '../../platform/storage';
import type { MoreStatus } from '../cargos/list';

/** How often responses are asked for while an answer can come, and while only the end of a job (or a first success) can. */
const OPEN_MS = 5000;
const ACCEPTED_MS = 30_000;
/** The longest pause after failures. */
const LONGEST_PAUSE_MS = 60_000;
/** How far back open responses are looked for in one round; they live for two days. */
const PAGES_WATCHED = 5;

/** Whether the driver waits for an answer. */
export function isOpen(status: ResponseStatus): boolean {
  return status === 'queued' || status === 'sent';
}

/** Whether it was accepted, and then that was undone. */
export function isUndone({ status, history }: DriverResponse): boolean {
  return status === 'rejected' && history.some((step) => step.status === 'accepted');
}

/**
 * Whether a driver may respond to a cargo whose last response is this: when there is none, or it came to nothing without
 * anybody's no. `freed` says that it was rejected for another driver, who has the cargo no more.
 */
export function canRespond(last: DriverResponse | null, freed = false): boolean {
  return (
    last === null || last.status === 'withdrawn' || last.status === 'expired' || isUndone(last) || isFreed(last, freed)
  );
}

/** Whether a response was rejected for another driver, who has the cargo no more, as far as `freed` told when the cargo was opened. */
export function isFreed(last: DriverResponse, freed: boolean): boolean {
  return freed && last.status === 'rejected';
}

interface Dependencies {
  fetchPage: (cursor: string | null, etag: string | null) => Promise<ResponsePage | null>;
  known: () => readonly DriverResponse[];
  setKnown: (responses: readonly DriverResponse[]) => void;
  storage: KeyValue;
  copyKey: string;
  /** Whether a driver is signed in, looks at the page and has a network. */
  watched: () => boolean;
  /** A response was accepted or rejected while the driver waited. */
  onDecided: (response: DriverResponse) => void;
}

export type ResponseStore = ReturnType<typeof createResponseStore>;

/**
 * Keeps the driver's responses true: it takes in what any request says about them, and asks by itself while one of them
 * can change and somebody looks.
 */
export function createResponseStore(given: Dependencies) {
  const { known } = given;
  const [loaded, setLoaded] = createSignal(false);
  const [error, setError] = createSignal<ApiError | null>(null);
  const [more, setMore] = createSignal<MoreStatus>('end');

  /** What each page was when last seen, by its cursor. */
  const pages = new Map<string | null, ResponsePage>();
  /** Where the pages that were asked for end; undefined before the first. */
  let end: string | null | undefined;
  let refreshing: Promise<void> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const copy = given.storage.get(given.copyKey);
  if (known().length === 0 && Array.isArray(copy)) given.setKnown(copy as DriverResponse[]);

  /** Takes in responses as the server sent them. `own` ones come of what the driver just did: the last word, and no news. */
  function take(responses: DriverResponse[], own = false): void {
    // There is one to a cargo: who responds anew, after taking it back, replaces the old one.
    const byCargo = new Map(known().map((response) => [response.cargo_id, response]));
    const decided: DriverResponse[] = [];
    for (const response of responses) {
      const before = byCargo.get(response.cargo_id);
      if (!own && before && isNewer(before, response)) continue;
      byCargo.set(response.cargo_id, response);
      const waited = before?.id === response.id && isOpen(before.status);
      if (waited && !own && (response.status === 'accepted' || response.status === 'rejected')) decided.push(response);
    }
    given.setKnown([...byCargo.values()].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at)));
    decided.forEach(given.onDecided);
    schedule();
  }

  async function fetchPage(cursor: string | null): Promise<ResponsePage> {
    const kept = pages.get(cursor);
    const page = await given.fetchPage(cursor, kept?.etag ?? null);
    if (!page && kept) return kept;
    if (!page) throw new ApiError('unreadable');
    pages.set(cursor, page);
    if (cursor === null) given.storage.set(given.copyKey, page.items);
    take(page.items);
    return page;
  }

  /** The newest page, and further ones as long as an open response may lie there. */
  async function fetchOpen(): Promise<void> {
    const seen = new Set<string>();
    let cursor: string | null = null;
    for (let at = 0; at < PAGES_WATCHED; at += 1) {
      const page: ResponsePage = await fetchPage(cursor);
      if (end === undefined) setEnd(page.cursor);
      for (const { id } of page.items) seen.add(id);
      cursor = page.cursor;
      if (cursor === null || known().every(({ id, status }) => seen.has(id) || !isOpen(status))) return;
    }
  }

  function setEnd(cursor: string | null): void {
    end = cursor;
    setMore(cursor === null ? 'end' : 'idle');
  }

  /** Asks for the newest responses; quietly, since what is known stays. */
  function refresh(): Promise<void> {
    refreshing ??= fetchOpen()
      .then(
        () => {
          failures = 0;
          batch(() => {
            setError(null);
            setLoaded(true);
          });
        },
        (reason: unknown) => {
          failures += 1;
          setError(asApiError(reason));
        },
      )
      .finally(() => {
        refreshing = null;
        schedule();
      });
    return refreshing;
  }

  /** Plans the next round. Every round plans the one after it, so a slow answer never meets the next question. */
  function schedule(): void {
    clearTimeout(timer);
    const pace = paceOf(known()) ?? (loaded() ? null : ACCEPTED_MS);
    if (pace === null || refreshing || !given.watched()) return;
    timer = setTimeout(
      () => given.watched() && void refresh(),
      Math.min(pace * 2 ** failures, Math.max(pace, LONGEST_PAUSE_MS)),
    );
  }

  return {
    /** Whether the server has been heard in this run. */
    loaded,
    /** Why the last round failed. */
    error,
    /** What the end of the list is doing. */
    more,
    take,
    refresh,

    /** Somebody looks again, or the network is back: what can have changed is asked for at once. */
    wake(): void {
      clearTimeout(timer);
      failures = 0;
      if (given.watched() && (!loaded() || error() || paceOf(known()) !== null)) void refresh();
    },

    /** Appends the next page. */
    async loadMore(): Promise<void> {
      if (typeof end !== 'string' || more() === 'loading') return;
      setMore('loading');
      try {
        setEnd((await fetchPage(end)).cursor);
      } catch {
        setMore('failed');
      }
    },
  };
}

/** Whether `known` is of a later time than `incoming`, which then was on its way for too long. */
function isNewer(known: DriverResponse, incoming: DriverResponse): boolean {
  const later = Date.parse(known.updated_at) - Date.parse(incoming.updated_at);
  if (later !== 0) return later > 0;
  // Within one second: another response can only have taken the place of one that was over.
  if (known.id !== incoming.id) return known.status !== 'rejected' && !canRespond(known);
  return known.history.length > incoming.history.length;
}

/** How often to ask; null when nothing can change by itself. */
function paceOf(responses: readonly DriverResponse[]): number | null {
  if (responses.some(({ status }) => isOpen(status))) return OPEN_MS;
  return responses.some(({ status }) => status === 'accepted') ? ACCEPTED_MS : null;
}
