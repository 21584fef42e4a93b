import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DriverResponse, ResponsePage } from '../../api/driver';
import { ApiError } from '../../api/error';
import type { ResponseStatus } from '../../api/types';
import { openStorage } from '../../platform/storage';
import { createResponseStore } from './responseStore';

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 8, 0, second)).toISOString();

/** A response with this id to the cargo of the same number, made in that second. */
function response(id: number, status: ResponseStatus, updated = id): DriverResponse {
  const history = [{ status: 'queued' as const, at: at(id), by: 'driver' as const }];
  if (status !== 'queued') history.push({ status, at: at(updated), by: 'dispatcher' } as never);
  return {
    id: `r${id}`,
    cargo_id: String(id),
    status,
    created_at: at(id),
    updated_at: at(updated),
    history,
  } as DriverResponse;
}

const page = (items: DriverResponse[], cursor: string | null = null, etag = 'e1'): ResponsePage => ({
  items,
  cursor,
  etag,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A store over a server that gives these replies in turn, the last one for ever. Null is "as before". */
function storeOver(...replies: (ResponsePage | null | ApiError)[]) {
  const asked: [string | null, string | null][] = [];
  const decided: string[] = [];
  const world = { watched: true };
  let known: readonly DriverResponse[] = [];
  const storage = openStorage(() => {
    throw new Error('blocked');
  });
  const make = () =>
    createResponseStore({
      fetchPage: async (cursor, etag) => {
        const reply = replies[Math.min(asked.length, replies.length - 1)];
        asked.push([cursor, etag]);
        if (reply instanceof ApiError) throw reply;
        return reply ?? null;
      },
      known: () => known,
      setKnown: (next) => (known = next),
      storage,
      copyKey: 'responses',
      watched: () => world.watched,
      onDecided: ({ id, status }) => decided.push(`${id} ${status}`),
    });
  const states = () => known.map(({ id, status }) => `${id} ${status}`);
  const again = () => {
    known = [];
    return make();
  };
  return { store: make(), asked, decided, world, states, again };
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

describe('an open response', () => {
  it('is asked for every five seconds until it is decided, then no more than each half minute', async () => {
    const { store, asked, states, decided } = storeOver(
      page([response(1, 'sent')]),
      null,
      null,
      page([response(1, 'accepted', 9)]),
      null,
    );
    await store.refresh();
    expect(asked).toEqual([[null, null]]);
    await pass(10);
    expect(asked.slice(1)).toEqual([
      [null, 'e1'],
      [null, 'e1'],
    ]);
    expect(decided).toEqual([]);
    await pass(5);
    expect(states()).toEqual(['r1 accepted']);
    expect(decided).toEqual(['r1 accepted']);
    await pass(29);
    expect(asked).toHaveLength(4);
    await pass(1);
    expect(asked).toHaveLength(5);
  });

  it('is not asked for while nobody looks, and at once when somebody does', async () => {
    const { store, asked, world } = storeOver(page([response(1, 'queued')]), null);
    await store.refresh();
    world.watched = false;
    await pass(60);
    expect(asked).toHaveLength(1);
    world.watched = true;
    store.wake();
    await pass(0);
    expect(asked).toHaveLength(2);
    await pass(5);
    expect(asked).toHaveLength(3);
  });

  it('is found beyond the newest page', async () => {
    const { store, asked, states } = storeOver(
      page([response(9, 'rejected')], 'c1', 'a'),
      page([response(5, 'sent')], 'c2', 'b'),
      null,
      page([response(5, 'rejected', 20)], 'c2', 'b2'),
      null,
    );
    store.take([response(5, 'sent')]);
    await store.refresh();
    expect(asked).toEqual([
      [null, null],
      ['c1', null],
    ]);
    await pass(5);
    expect(asked.slice(2)).toEqual([
      [null, 'a'],
      ['c1', 'b'],
    ]);
    expect(states()).toEqual(['r9 rejected', 'r5 rejected']);
    await pass(60);
    expect(asked).toHaveLength(4);
  });

  it('starts the rounds when the driver has just sent it', async () => {
    const { store, asked } = storeOver(page([]), page([response(1, 'sent', 3)], null, 'e2'));
    await store.refresh();
    await pass(60);
    expect(asked).toHaveLength(1);
    store.take([response(1, 'queued')], true);
    await pass(5);
    expect(asked).toHaveLength(2);
  });
});

describe('a round that fails', () => {
  it('is quiet, keeps what is known, and makes the next ones rarer', async () => {
    const { store, asked, states } = storeOver(page([response(1, 'sent')]), new ApiError('network'));
    await store.refresh();
    await pass(5);
    expect([asked.length, store.error()?.code, states()]).toEqual([2, 'network', ['r1 sent']]);
    await pass(9);
    expect(asked).toHaveLength(2);
    await pass(1);
    expect(asked).toHaveLength(3);
    await pass(20);
    expect(asked).toHaveLength(4);
    // Never rarer than each minute.
    await pass(40 + 60 + 60);
    expect(asked).toHaveLength(7);
  });

  it('is repeated at once when the network is back', async () => {
    const { store, asked } = storeOver(new ApiError('offline'), page([]));
    await store.refresh();
    expect(store.loaded()).toBe(false);
    store.wake();
    await pass(0);
    expect([asked.length, store.loaded(), store.error()]).toEqual([2, true, null]);
  });

  it('is repeated by itself when nothing was ever heard', async () => {
    const { store } = storeOver(new ApiError('network'), page([response(1, 'completed')]));
    await store.refresh();
    await pass(60);
    expect(store.loaded()).toBe(true);
  });
});

describe('an answer', () => {
  it('that was overtaken by what the driver did changes nothing', async () => {
    const { store, states } = storeOver(page([response(1, 'sent', 4)]));
    store.take([response(1, 'withdrawn', 5)], true);
    await store.refresh();
    expect(states()).toEqual(['r1 withdrawn']);
    // The same second: the longer history is the later one.
    store.take([response(2, 'withdrawn')], true);
    store.take([response(2, 'queued')]);
    store.take([response(1, 'sent', 3)]);
    expect(states()).toEqual(['r2 withdrawn', 'r1 withdrawn']);
  });

  it('with a response given anew in the second in which the old one was withdrawn shows the new one', () => {
    const { store, states } = storeOver(page([]));
    const anew = { ...response(1, 'queued'), id: 'r1b' };
    store.take([response(1, 'withdrawn')], true);
    store.take([anew], true);
    expect(states()).toEqual(['r1b queued']);
    // What was asked before it comes late.
    store.take([response(1, 'withdrawn')]);
    expect(states()).toEqual(['r1b queued']);
  });

  it('to what the driver did is no news', () => {
    const { store, decided } = storeOver(page([]));
    store.take([response(1, 'sent')], true);
    store.take([response(1, 'rejected', 6)], true);
    expect(decided).toEqual([]);
  });
});

describe('pages', () => {
  it('follow each other by cursor, newest first, and can fail', async () => {
    const older = [response(2, 'expired'), response(1, 'withdrawn')];
    const { store, asked, states } = storeOver(
      page([response(3, 'completed')], 'c1'),
      new ApiError('network'),
      page(older),
    );
    await store.refresh();
    expect(store.more()).toBe('idle');
    await store.loadMore();
    expect(store.more()).toBe('failed');
    await store.loadMore();
    expect([store.more(), asked.map(([cursor]) => cursor)]).toEqual(['end', [null, 'c1', 'c1']]);
    expect(states()).toEqual(['r3 completed', 'r2 expired', 'r1 withdrawn']);
  });

  it('leave a copy of the first for a start without a network', async () => {
    const { store, again, states } = storeOver(page([response(1, 'completed')]));
    await store.refresh();
    again();
    expect(states()).toEqual(['r1 completed']);
  });
});
