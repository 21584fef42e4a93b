import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DriverResponse, Offer } from '../../api/driver';
import { ApiError } from '../../api/error';
import { OUTBOX } from '../../platform/personal';
import { type KeyValue, openStorage } from '../../platform/storage';
import { type Kept, kept, keptFor, type Stopped, setKept } from './outbox';
import { COUNTDOWN_MS, createOutbox, TOO_OLD_MS } from './outboxStore';

const offer: Offer = { phone: null, comment: 'Буду к 8', price_rub: null, seen_price_rub: 50_000 };
const cargo = { route: 'Казань → Самара', price_rub: 50_000 };
const made = { id: 'r1', status: 'queued' } as DriverResponse;

let storage: KeyValue;
let now = 0;

beforeEach(() => {
  vi.useFakeTimers();
  setKept([]);
  now = 1_000_000;
  storage = openStorage(() => {
    throw new Error('blocked');
  });
});
afterEach(() => vi.useRealTimers());

/** An outbox over a server that replies so in turn; `canSend` is changed by the test. */
function outboxOver(...replies: (DriverResponse | ApiError)[]) {
  const world = {
    canSend: true,
    calls: [] as unknown[][],
    sent: [] as unknown[],
    refused: [] as string[],
    doubts: 0,
    stop: { name: 'gone' } as Stopped | null,
  };
  let keys = 0;
  const outbox = createOutbox({
    kept,
    setKept,
    storage,
    respond: async (...call) => {
      world.calls.push(call);
      const reply = replies.shift();
      if (!reply) throw new Error('one request too many');
      if (reply instanceof ApiError) throw reply;
      return reply;
    },
    newKey: () => `key ${++keys}`,
    now: () => now,
    canSend: () => world.canSend,
    onSent: (entry, response) => world.sent.push([entry.cargoId, response]),
    onRefused: (_, error) => {
      world.refused.push(error.code);
      return world.stop;
    },
    onDoubt: () => (world.doubts += 1),
  });
  return { outbox, world };
}

async function pass(milliseconds: number): Promise<void> {
  now += milliseconds;
  await vi.advanceTimersByTimeAsync(milliseconds);
}

const states = () => kept().map(({ state }) => state);

describe('a response', () => {
  it('leaves after five seconds, and not before', async () => {
    const { outbox, world } = outboxOver(made);
    outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS - 1);
    expect([states(), world.calls]).toEqual([['counting'], []]);
    await pass(1);
    expect(world.calls).toEqual([['7', offer, 'key 1']]);
    expect([kept(), world.sent, storage.get(OUTBOX)]).toEqual([[], [['7', made]], null]);
  });

  it('is called back in that time', async () => {
    const { outbox, world } = outboxOver();
    outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS - 1);
    outbox.cancel('7');
    await pass(60_000);
    expect([kept(), world.calls, world.doubts, storage.get(OUTBOX)]).toEqual([[], [], 0, null]);
  });

  it('is one for two presses', async () => {
    const { outbox, world } = outboxOver(made);
    outbox.put('7', cargo, offer);
    outbox.put('7', cargo, { ...offer, comment: 'другой' });
    await pass(COUNTDOWN_MS);
    expect(world.calls.length).toBe(1);
  });

  it('leaves at once when the app goes out of sight, and is not sent again by its timer', async () => {
    const { outbox, world } = outboxOver(made);
    outbox.put('7', cargo, offer);
    await pass(1000);
    outbox.leaveNow();
    await pass(60_000);
    expect(world.calls.length).toBe(1);
  });
});

describe('without a network', () => {
  it('it is kept and sent once, under one key, when the network is back', async () => {
    const { outbox, world } = outboxOver(new ApiError('network'), made);
    world.canSend = false;
    outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS);
    expect([states(), world.calls]).toEqual([['waiting'], []]);
    expect((storage.get(OUTBOX) as Kept[])[0]).toMatchObject({ cargoId: '7', key: 'key 1', offer });
    world.canSend = true;
    outbox.wake();
    outbox.wake();
    await pass(0);
    expect([states(), world.calls.length]).toEqual([['waiting'], 1]);
    await pass(5000);
    expect(world.calls).toEqual(Array(2).fill(['7', offer, 'key 1']));
    expect([kept(), world.sent.length]).toEqual([[], 1]);
  });

  it('it can be called back, and what may have arrived is asked for', async () => {
    const { outbox, world } = outboxOver(new ApiError('network'));
    outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS);
    outbox.cancel('7');
    expect([kept(), world.doubts]).toEqual([[], 1]);
    await pass(600_000);
    expect(world.calls.length).toBe(1);
  });

  it('it survives the end of the app, and who had just pressed has the five seconds again', async () => {
    const first = outboxOver(new ApiError('network'));
    first.outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS);
    first.outbox.put('8', cargo, offer);
    // The app is gone: its timers with it, but not what it stored.
    vi.clearAllTimers();
    setKept([]);
    const { world } = outboxOver(made, { ...made, id: 'r2' });
    await pass(0);
    expect(world.calls).toEqual([['7', offer, 'key 1']]);
    expect(keptFor('8')?.state).toBe('counting');
    await pass(COUNTDOWN_MS);
    expect(world.calls[1]?.[0]).toBe('8');
    expect(kept()).toEqual([]);
  });

  it('after half a day it is not sent without the driver', async () => {
    const { outbox, world } = outboxOver();
    world.canSend = false;
    outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS);
    now += TOO_OLD_MS;
    world.canSend = true;
    outbox.wake();
    await pass(0);
    expect([states(), keptFor('7')?.stopped, world.calls]).toEqual([['stopped'], { name: 'old' }, []]);
  });
});

describe('what the server refuses', () => {
  it('stays with the reason until the driver puts it away or responds again', async () => {
    const { outbox, world } = outboxOver(new ApiError('cargo_gone', 409), made);
    outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS);
    expect([states(), keptFor('7')?.stopped, world.refused]).toEqual([['stopped'], { name: 'gone' }, ['cargo_gone']]);
    outbox.wake();
    await pass(600_000);
    expect(world.calls.length).toBe(1);
    outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS);
    expect([kept(), world.calls[1]]).toEqual([[], ['7', offer, 'key 2']]);
  });

  it('goes where that needs no word', async () => {
    const { outbox, world } = outboxOver(new ApiError('response_exists', 409));
    world.stop = null;
    outbox.put('7', cargo, offer);
    await pass(COUNTDOWN_MS);
    expect(kept()).toEqual([]);
  });
});

it('an answer that comes after the phone has changed hands tells nobody', async () => {
  const { outbox, world } = outboxOver(made);
  outbox.put('7', cargo, offer);
  now += COUNTDOWN_MS;
  vi.advanceTimersByTime(COUNTDOWN_MS);
  setKept([]);
  await vi.advanceTimersByTimeAsync(0);
  expect([world.calls.length, world.sent]).toEqual([1, []]);
});
