import { beforeEach, describe, expect, it } from 'vitest';
import type { Card, CardPage } from '../../api/driver';
import { ApiError } from '../../api/error';
import { type KeyValue, openStorage } from '../../platform/storage';
import { createCargoList } from './list';

const card = (id: number) => ({ id: String(id), title: `Груз ${id}` }) as Card;
const page = (from: number, cursor: string | null = 'next', length = 20): CardPage => ({
  items: Array.from({ length }, (_, at) => card(from + at)),
  total: 100,
  cursor,
  fetched_at: '2026-11-25T08:00:00Z',
  source: 'cargotech',
  askedAt: 1,
  upstreamDown: false,
});

let storage: KeyValue;
beforeEach(() => {
  storage = openStorage(() => {
    throw new Error('blocked');
  });
});

/** A list over a server that gives these pages or failures in turn. */
function listOver(...replies: (CardPage | ApiError)[]) {
  const queries: string[] = [];
  const list = createCargoList(async (query) => {
    const reply = replies[queries.length];
    queries.push(query);
    if (reply === undefined) throw new Error('one request too many');
    if (reply instanceof ApiError) throw reply;
    return reply;
  }, storage);
  return { list, queries, ids: () => list.cards().map((each) => Number(each.id)) };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

it('that has to be paid for shows nothing of what was free, also not at the next start', async () => {
  const { list, ids } = listOver(page(1), new ApiError('subscription_required', 402, { feature: 'list' }));
  await list.load({});
  await list.refresh();
  expect([ids(), list.error()?.feature, list.status()]).toEqual([[], 'list', 'failed']);
  const next = listOver(new ApiError('network'));
  await next.list.load({});
  expect(next.ids()).toEqual([]);
});

describe('pages', () => {
  it('follow each other by what the server sent, and a cargo that moved is shown once', async () => {
    const { list, queries, ids } = listOver(page(1), page(20));
    await list.load({});
    await list.loadMore();
    expect(queries).toEqual(['limit=20', 'limit=20&cursor=next']);
    expect(ids()).toEqual(numbers(1, 39));
    expect(list.more()).toBe('idle');
  });

  it('end where there is no next one', async () => {
    const { list, queries } = listOver(page(1), page(21, null, 19));
    await list.load({});
    expect(list.more()).toBe('idle');
    await list.loadMore();
    expect(list.more()).toBe('end');
    await list.loadMore();
    expect(queries).toHaveLength(2);
  });

  it('begin anew where the market does not answer for its cursor any more', async () => {
    const fields = [{ field: 'cursor', code: 'unavailable', message: '' }];
    const { list, queries, ids } = listOver(
      page(1),
      new ApiError('validation_failed', 422, { errors: fields }),
      page(50, null),
    );
    await list.load({});
    await list.loadMore();
    await new Promise((resolve) => setTimeout(resolve));
    expect([queries[2], ids()[0], list.more()]).toEqual(['limit=20', 50, 'end']);
  });

  it('do not begin anew again and again', async () => {
    const refused = () =>
      new ApiError('validation_failed', 422, { errors: [{ field: 'cursor', code: 'unavailable', message: '' }] });
    const { list, queries } = listOver(page(1), refused(), page(1), refused(), page(21, null));
    await list.load({});
    for (let again = 0; again < 2; again++) {
      await list.loadMore();
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect([list.more(), queries.length]).toEqual(['failed', 4]);
    await list.loadMore();
    expect(list.more()).toBe('end');
  });

  it('that fail leave the list and can be tried again', async () => {
    const { list, ids } = listOver(page(1), new ApiError('network'), page(21));
    await list.load({});
    await list.loadMore();
    expect([list.more(), ids().length]).toEqual(['failed', 20]);
    await list.loadMore();
    expect([list.more(), ids().length]).toEqual(['idle', 40]);
  });
});

describe('a failed load', () => {
  it('keeps the cards of the same query and says why they are old', async () => {
    const { list, ids } = listOver(page(1), new ApiError('offline'));
    await list.load({ price_min: 1 });
    await list.refresh();
    expect([list.status(), list.error()?.code, ids().length]).toEqual(['failed', 'offline', 20]);
  });

  it('by other filters keeps the list before, its filters, and the reason', async () => {
    const { list, queries, ids } = listOver(page(1), new ApiError('network'), page(31));
    await list.load({});
    expect(await list.load({ price_min: 1 })).toBe('kept');
    expect([list.status(), ids().length, list.applied(), list.notApplied()?.code]).toEqual([
      'ready',
      20,
      {},
      'network',
    ]);
    await list.refresh();
    expect([queries[2], list.notApplied(), ids()[0]]).toEqual(['limit=20', null, 31]);
  });

  it('by refused filters changes nothing and tells the fields', async () => {
    const fields = [{ field: 'price_min', code: 'malformed', message: '' }];
    const { list, ids, queries } = listOver(
      page(1),
      new ApiError('validation_failed', 422, { errors: fields }),
      page(1),
    );
    await list.load({});
    expect(await list.load({ price_min: 1 })).toEqual(fields);
    expect([list.status(), ids().length, list.error()]).toEqual(['ready', 20, null]);
    await list.refresh();
    expect(queries[2]).toBe('limit=20');
  });
});

it('goes without what only the market knows while that does not answer, says so, and keeps no copy of it', async () => {
  const fields = [{ field: 'date_to', code: 'unavailable', message: '' }];
  const { list, queries } = listOver(
    new ApiError('validation_failed', 422, { errors: fields }),
    page(1),
    page(21, null),
    page(1, null),
  );
  const filters = { date_from: '2026-11-25', date_to: '2026-11-25', price_min: 5 };
  expect(await list.load(filters)).toEqual([]);
  const without = 'date_from=2026-11-25&price_min=5&limit=20';
  expect([list.leftOut(), list.applied(), queries[1]]).toEqual([{ date_to: '2026-11-25' }, filters, without]);
  expect(storage.get('list')).toBeNull();
  await list.loadMore();
  expect(queries[2]).toBe(`${without}&cursor=next`);
  await list.refresh();
  expect([list.leftOut(), queries[3]]).toEqual([{}, 'date_from=2026-11-25&date_to=2026-11-25&price_min=5&limit=20']);
});

describe('what is left out', () => {
  const refused = (...names: string[]) =>
    new ApiError('validation_failed', 422, {
      errors: names.map((field) => ({ field, code: 'unavailable', message: '' })),
    });
  const filters = { from_place_id: 1, from_radius_km: 50, date_to: '2026-11-25', sort: 'deadhead' } as const;

  it('grows with what is refused next, and an order by a place goes with the place', async () => {
    const { list, queries } = listOver(refused('date_to'), refused('from_place_id'), page(1));
    await list.load(filters);
    expect([list.leftOut(), queries[2]]).toEqual([filters, 'limit=20']);
  });

  it('is nothing that was not asked for: then there is no list', async () => {
    const { list, queries } = listOver(refused('date_to'), refused('date_to'));
    expect(await list.load(filters)).toHaveLength(1);
    expect([list.status(), queries.length]).toEqual(['failed', 2]);
  });

  it('is also the order, where CargoTech answers, which has only its own', async () => {
    const ofMarket: CardPage = { ...page(1), source: 'market' };
    const { list } = listOver(page(1), ofMarket);
    await list.load({ sort: '-price' });
    expect([list.leftOut(), list.isForNow()]).toEqual([{ sort: '-price' }, true]);
    await list.refresh();
    expect([list.leftOut(), list.isForNow()]).toEqual([{}, false]);
  });

  it('does not come back by itself where other filters keep the market out', async () => {
    const { list } = listOver(refused('date_to'), page(1));
    await list.load({ date_to: '2026-11-25', owner_inn: '7701234567' });
    expect([list.leftOut(), list.isForNow()]).toEqual([{ date_to: '2026-11-25' }, false]);
  });
});

it('knows whether the market answers', async () => {
  const none: CardPage = { ...page(1, null, 0), source: 'market' };
  const { list } = listOver({ ...page(1), source: 'market' }, none, page(1));
  await list.load({});
  expect(list.market()).toBe(true);
  await list.refresh();
  expect(list.market()).toBe(true);
  await list.refresh();
  expect(list.market()).toBe(false);
});

it('says so when the first filters are refused, and waits no more', async () => {
  const fields = [{ field: 'from_place_id', code: 'unknown', message: '' }];
  const { list } = listOver(new ApiError('validation_failed', 422, { errors: fields }));
  expect(await list.load({ from_place_id: 1 })).toEqual(fields);
  expect([list.status(), list.error()?.code]).toEqual(['failed', 'validation_failed']);
});

describe('the local copy', () => {
  it('is there before the server answers, and only for its query', async () => {
    await listOver(page(1)).list.load({});
    const { list, ids } = listOver(page(50));
    const loading = list.load({});
    expect([list.fromCopy(), list.status(), ids()[0]]).toEqual([true, 'loading', 1]);
    await loading;
    expect([list.fromCopy(), ids()[0]]).toEqual([false, 50]);
    const other = listOver(new ApiError('offline'));
    await other.list.load({ price_min: 1 });
    expect(other.ids()).toEqual([]);
  });

  it('is of its filters, when others are chosen before the answer and nobody answers', async () => {
    const filters = { price_min: 1 };
    await listOver(page(1)).list.load(filters);
    const { list } = listOver(page(1), new ApiError('network'));
    const first = list.load(filters);
    expect(await list.load({})).toBe('kept');
    expect([await first, list.applied()]).toEqual(['overtaken', filters]);
  });

  it('stays when there is no network', async () => {
    await listOver(page(1)).list.load({});
    const { list, ids } = listOver(new ApiError('offline'));
    await list.load({});
    expect([list.fromCopy(), list.status(), ids().length]).toEqual([true, 'failed', 20]);
  });

  it('loses a cargo that is gone and is forgotten with the driver', async () => {
    const first = listOver(page(1));
    await first.list.load({});
    first.list.remove('1');
    expect(first.ids()[0]).toBe(2);
    const second = listOver(new ApiError('offline'), new ApiError('offline'));
    await second.list.load({});
    expect(second.ids()[0]).toBe(2);
    first.list.forget();
    const third = listOver(new ApiError('offline'));
    await third.list.load({});
    expect(third.ids()).toEqual([]);
  });
});

it('drops the answer to an older question', async () => {
  const answers: ((page: CardPage) => void)[] = [];
  const list = createCargoList(() => new Promise((resolve) => answers.push(resolve)), storage);
  const slow = list.load({});
  const quick = list.load({ price_min: 1 });
  answers[1]?.(page(50));
  await quick;
  answers[0]?.(page(1));
  expect(await slow).toBe('overtaken');
  expect(list.cards()[0]?.id).toBe('50');
  expect(list.find('50')?.title).toBe('Груз 50');
  expect(list.find('1')).toBeNull();
});
