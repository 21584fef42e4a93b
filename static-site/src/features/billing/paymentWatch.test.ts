import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Payment } from '../../api/driver';
import { ApiError } from '../../api/error';
import type { PaymentStatus } from '../../api/types';
import { watchPayment } from './paymentWatch';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Watches a payment over a server that answers so in turn, and the last of it for ever. */
function watching(...replies: (PaymentStatus | ApiError)[]) {
  const seen: string[] = [];
  const state = { hidden: false, asked: 0 };
  const watch = watchPayment({
    load: async () => {
      const reply = replies[Math.min(state.asked, replies.length - 1)];
      state.asked += 1;
      if (reply instanceof ApiError) throw reply;
      return { status: reply } as Payment;
    },
    hidden: () => state.hidden,
    onPayment: ({ status }) => seen.push(status),
    onError: ({ code }) => seen.push(code),
  });
  return { watch, seen, state };
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

describe('watching a payment', () => {
  it('asks every three seconds until it is decided', async () => {
    const { watch, seen, state } = watching('created', 'pending', 'waiting_for_capture', 'succeeded');
    watch.check();
    await pass(0);
    expect(seen).toEqual(['created']);
    await pass(2.9);
    expect(state.asked).toBe(1);
    await pass(60);
    expect(seen).toEqual(['created', 'pending', 'waiting_for_capture', 'succeeded']);
    watch.check();
    await pass(60);
    expect(state.asked).toBe(4);
  });

  it('goes on after a failure, but not when there is no such payment', async () => {
    const { watch, seen } = watching(new ApiError('network'), 'canceled');
    watch.check();
    await pass(10);
    expect(seen).toEqual(['network', 'canceled']);
    const missing = watching(new ApiError('not_found', 404));
    missing.watch.check();
    await pass(10);
    expect(missing.seen).toEqual(['not_found']);
  });

  it('rests while the app is put away and asks at once when it is back', async () => {
    const { watch, seen, state } = watching('pending');
    watch.check();
    await pass(1);
    state.hidden = true;
    await pass(60);
    expect(state.asked).toBe(1);
    state.hidden = false;
    watch.check();
    watch.check();
    await pass(1);
    expect(seen).toEqual(['pending', 'pending']);
    await pass(3);
    expect(state.asked).toBe(3);
  });

  it('ends with its screen', async () => {
    const { watch, seen } = watching('pending');
    watch.check();
    watch.stop();
    await pass(60);
    expect(seen).toEqual([]);
  });
});
