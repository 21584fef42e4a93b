import { type Accessor, createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Filters, ListPage } from '../../api/admin';
import { type ApiError, asApiError } from '../../api/error';
import { api } from '../app';
import { hasReturned } from '../route';

/** Something of the server's: what is known of it, what went wrong, and another try. */
export interface Load<T> {
  data: Accessor<T | null>;
  error: Accessor<ApiError | null>;
  loading: Accessor<boolean>;
  reload: () => Promise<void>;
  set: (value: T) => void;
}

/** Loads at once, and anew whenever what `key` reads changes; an answer that comes too late is dropped. */
export function createLoad<K, T>(key: Accessor<K>, fetch: (key: K) => Promise<T>): Load<T> {
  const [data, setData] = createSignal<T | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  const [loading, setLoading] = createSignal(true);
  let latest = 0;

  async function load(value: K): Promise<void> {
    latest += 1;
    const turn = latest;
    setLoading(true);
    setError(null);
    try {
      const answer = await fetch(value);
      if (turn === latest) setData(() => answer);
    } catch (reason) {
      if (turn === latest) setError(asApiError(reason));
    } finally {
      if (turn === latest) setLoading(false);
    }
  }

  createEffect(
    on(key, (value) => {
      setData(null);
      void load(value);
    }),
  );
  onCleanup(() => (latest = -1));
  return {
    data,
    error,
    loading,
    reload: () => load(key()),
    set: (value) => {
      latest += 1;
      setLoading(false);
      setData(() => value);
    },
  };
}

/** A list that grows page by page. */
export interface List<Row, First extends ListPage<Row>> {
  items: Accessor<Row[] | null>;
  /** The first page, with what only that tells. */
  first: Accessor<First | null>;
  error: Accessor<ApiError | null>;
  loading: Accessor<boolean>;
  hasMore: Accessor<boolean>;
  /** Up to when was looked. */
  reached: Accessor<string | null>;
  more: () => Promise<void>;
  reload: () => Promise<void>;
  /** Puts a changed row in the place of the old. */
  change: (old: Row, next: Row | null) => void;
  filters: Accessor<Filters>;
  path: Accessor<string>;
}

/** How many pages in a row may be empty before the admin is asked whether to go on. */
const EMPTY_PAGES = 5;

/** What a list had when it was left. */
interface Left {
  items: unknown[];
  first: unknown;
  last: unknown;
}

const left = new Map<string, Left>();
/** More lists than lie under one page. */
const MOST_LEFT = 12;

/** What was changed may stand in any list: the next look is a fresh one. */
export function forgetLists(): void {
  left.clear();
}

/** A list of the admin API, as it was left for whoever comes back to it, else loaded anew whenever `path` or `filters` change. */
export function createList<Row, First extends ListPage<Row> = ListPage<Row>>(
  path: Accessor<string>,
  filters: Accessor<Filters>,
): List<Row, First> {
  const [items, setItems] = createSignal<Row[] | null>(null);
  const [first, setFirst] = createSignal<{ page: First } | null>(null);
  const [last, setLast] = createSignal<ListPage<Row> | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);
  const [loading, setLoading] = createSignal(true);
  let asking: AbortController | null = null;

  async function load(fromStart: boolean): Promise<void> {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    setLoading(true);
    setError(null);
    try {
      let cursor = fromStart ? null : (last()?.cursor ?? null);
      let isFirst = fromStart;
      for (let pages = 0; pages < EMPTY_PAGES; pages += 1) {
        const page: First = await api.list<Row, First>(path(), filters(), cursor, mine.signal);
        if (mine !== asking) return;
        if (isFirst) setFirst({ page });
        setItems(isFirst ? page.items : [...(items() ?? []), ...page.items]);
        setLast(() => page);
        isFirst = false;
        cursor = page.cursor;
        // A page of few that fit ends early: "go on looking".
        if (page.items.length > 0 || cursor === null) break;
      }
    } catch (reason) {
      if (mine === asking && !mine.signal.aborted) setError(asApiError(reason));
    } finally {
      if (mine === asking) setLoading(false);
    }
  }

  let keptAs: string | null = null;

  /** Puts aside what the list has, for whoever comes back. */
  function keep(): void {
    const [rows, from, to] = [items(), first(), last()];
    if (keptAs === null || rows === null || from === null || to === null) return;
    left.set(keptAs, { items: rows, first: from.page, last: to });
    if (left.size > MOST_LEFT) left.delete(left.keys().next().value ?? '');
  }

  createEffect(
    on(
      () => `${path()} ${JSON.stringify(filters())}`,
      (key) => {
        keep();
        keptAs = key;
        const known = hasReturned() ? left.get(key) : undefined;
        left.delete(key);
        setItems((known?.items as Row[] | undefined) ?? null);
        setFirst(known ? { page: known.first as First } : null);
        setLast(() => (known ? (known.last as ListPage<Row>) : null));
        if (known) setLoading(false);
        else void load(true);
      },
    ),
  );
  onCleanup(() => {
    keep();
    asking?.abort();
    asking = null;
  });
  return {
    items,
    first: () => first()?.page ?? null,
    error,
    loading,
    hasMore: () => last()?.cursor != null,
    reached: () => last()?.reached ?? null,
    more: () => load(false),
    reload: () => load(true),
    change: (old, next) =>
      setItems((items() ?? []).flatMap((row) => (row !== old ? [row] : next === null ? [] : [next]))),
    filters,
    path,
  };
}
