import { batch, createSignal } from 'solid-js';
import type { Card, CardPage } from '../../api/driver';
import { type ApiError, asApiError, type FieldError } from '../../api/error';
import { LIST_COPY } from '../../platform/personal';
import type { KeyValue } from '../../platform/storage';
import { needsSubscription } from '../billing/access';
import { type Filters, isForCargoTech, toQuery, withoutUnavailable } from '../filters/filters';

/** What the list is doing. */
export type ListStatus = 'loading' | 'ready' | 'failed';
/** What its end is doing. */
export type MoreStatus = 'idle' | 'loading' | 'failed' | 'end';

/** The first page as it was last seen, for a start without a network. */
interface Copy {
  query: string;
  page: CardPage;
}

/** The list of cargos: its pages, its age, and a local copy of its first page. */
export function createCargoList(
  fetchPage: (query: string, signal?: AbortSignal) => Promise<CardPage>,
  storage: KeyValue,
) {
  const [cards, setCards] = createSignal<Card[]>([]);
  const [status, setStatus] = createSignal<ListStatus>('loading');
  const [more, setMore] = createSignal<MoreStatus>('idle');
  const [error, setError] = createSignal<ApiError | null>(null);
  const [page, setPage] = createSignal<CardPage | null>(null);
  const [fromCopy, setFromCopy] = createSignal(false);
  const [replacing, setReplacing] = createSignal(true);
  const [notApplied, setNotApplied] = createSignal<ApiError | null>(null);
  const [leftOut, setLeftOut] = createSignal<Filters>({});
  const [market, setMarket] = createSignal<boolean | null>(null);

  let filters: Filters = {};
  /** Those of them that the server could apply. */
  let served: Filters = {};
  /** The query whose cargos are shown. */
  let shown: string | null = null;
  /** Where the next page begins. */
  let cursor: string | null = null;
  /** Whether the list began anew because its next page was refused, and no page has come since. */
  let restarted = false;
  let running: AbortController | null = null;

  function begin(): AbortSignal {
    running?.abort();
    running = new AbortController();
    return running.signal;
  }

  /** The first page, without the filters that nobody can apply now: each refusal leaves fewer. */
  async function firstPage(asked: Filters, signal: AbortSignal): Promise<{ page: CardPage; served: Filters }> {
    try {
      return { page: await fetchPage(toQuery(asked), signal), served: asked };
    } catch (reason) {
      const rest = withoutUnavailable(asked, asApiError(reason).fields);
      if (!rest) throw reason;
      return firstPage(rest, signal);
    }
  }

  /** What of `filters` the cards are without. */
  function missing(): Filters {
    const isServed = (key: string) => key in served && !(key === 'sort' && market() === false);
    return Object.fromEntries(Object.entries(filters).filter(([key]) => !isServed(key)));
  }

  function showFirst(query: string, first: CardPage, copy: boolean): void {
    shown = query;
    cursor = first.cursor;
    batch(() => {
      setReplacing(false);
      setCards(dropDuplicates([], first.items));
      setPage(first);
      setFromCopy(copy);
      setError(null);
      setNotApplied(null);
      setStatus('ready');
      setMore(copy || first.cursor === null ? 'end' : 'idle');
      setMarket(first.source === 'market');
    });
  }

  /**
   * Shows the cargos of `next`, from the local copy at once if there is one. Answers with the server's field errors when it
   * refuses the filters; with `kept` when nobody answered: then the list stays as it was; and with `overtaken` when another
   * question came before the answer. Quietly, what is on the screen stays there until the answer.
   */
  async function load(next: Filters, quietly = false): Promise<FieldError[] | 'kept' | 'overtaken'> {
    const query = toQuery(next);
    const signal = begin();
    const copy = storage.get(LIST_COPY) as Copy | null;
    const before = status();
    if (copy?.query === query && shown === null) {
      filters = next;
      showFirst(query, copy.page, true);
    }
    batch(() => {
      setReplacing(!quietly && shown !== query);
      setStatus('loading');
    });
    try {
      const first = await firstPage(next, signal);
      if (signal.aborted) return 'overtaken';
      filters = next;
      served = first.served;
      batch(() => {
        showFirst(query, first.page, false);
        setLeftOut(missing());
      });
      if (served === next) storage.set(LIST_COPY, { query, page: first.page } satisfies Copy);
      return [];
    } catch (reason) {
      if (signal.aborted) return 'overtaken';
      const failure = asApiError(reason);
      if (failure.code === 'validation_failed') {
        batch(() => {
          setReplacing(false);
          setNotApplied(null);
          // Remembered filters that the server does not take any more must not wait for ever.
          if (shown === null) setError(failure);
          setStatus(shown === null ? 'failed' : before);
        });
        return failure.fields;
      }
      // Cargos of the filters before are better than none, as long as it is said whose they are.
      if (shown !== null && shown !== query && !needsSubscription(failure)) {
        batch(() => {
          setReplacing(false);
          setNotApplied(failure);
          setStatus(before === 'loading' ? 'ready' : before);
        });
        return 'kept';
      }
      filters = next;
      if (needsSubscription(failure)) storage.remove(LIST_COPY);
      batch(() => {
        if (needsSubscription(failure)) {
          shown = null;
          setCards([]);
          setPage(null);
        }
        setReplacing(false);
        setError(failure);
        setStatus('failed');
      });
      return [];
    }
  }

  /** Appends the next page. */
  async function loadMore(): Promise<void> {
    if (status() !== 'ready' || more() === 'loading' || more() === 'end') return;
    const signal = begin();
    setMore('loading');
    try {
      const next = await fetchPage(toQuery(served, cursor), signal);
      if (signal.aborted) return;
      cursor = next.cursor;
      restarted = false;
      batch(() => {
        setCards(dropDuplicates(cards(), next.items));
        setMore(cursor === null ? 'end' : 'idle');
      });
    } catch (reason) {
      if (signal.aborted) return;
      // The market's pages end where CargoTech answers instead: its list begins anew. Not again and again, while some
      // servers have the market and some have not.
      const restarts = asApiError(reason).code === 'validation_failed' && !restarted;
      restarted = restarts;
      setMore(restarts ? 'idle' : 'failed');
      if (restarts) void load(filters, true);
    }
  }

  /** Takes a cargo that is gone out of the list and of its copy. */
  function remove(id: string): void {
    const rest = cards().filter((card) => card.id !== id);
    if (rest.length === cards().length) return;
    setCards(rest);
    const copy = storage.get(LIST_COPY) as Copy | null;
    if (!copy) return;
    const items = copy.page.items.filter((card) => card.id !== id);
    storage.set(LIST_COPY, { query: copy.query, page: { ...copy.page, items } } satisfies Copy);
  }

  return {
    cards,
    status,
    more,
    error,
    /** The first page as answered: its age, its total. */
    page,
    /** Whether the cards come from the local copy and the server has not been heard yet. */
    fromCopy,
    /** Whether the cards shown, if any, are of other filters than those being loaded. */
    replacing,
    /** Why the last filters were not applied; the cards are of those before. */
    notApplied,
    /** What nobody can apply now of the filters and the order: the cards are without it. */
    leftOut,
    /** Whether all of it can come back by itself: not what the market will not be asked for. */
    isForNow: () => Object.keys(leftOut()).length > 0 && !isForCargoTech(filters),
    /** Whether the cargos come from the market; null until there were any. */
    market,
    /** The filters of the cards. */
    applied: () => filters,
    load,
    loadMore,
    remove,
    refresh: (quietly = false) => load(filters, quietly),
    find: (id: string) => cards().find((card) => card.id === id) ?? null,
    /** Forgets the copy, which the driver may not see any more. */
    forget: () => storage.remove(LIST_COPY),
  };
}

/** Cargos move between pages while one scrolls; each is shown once, where it was first seen. */
function dropDuplicates(shown: Card[], added: Card[]): Card[] {
  const seen = new Set(shown.map((card) => card.id));
  return [...shown, ...added.filter((card) => !seen.has(card.id) && seen.add(card.id))];
}
