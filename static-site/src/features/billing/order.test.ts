import { beforeEach, describe, expect, it } from 'vitest';
import type { Order, Payment } from '../../api/driver';
import { ApiError } from '../../api/error';
import { type KeyValue, openStorage } from '../../platform/storage';
import { placeOrder } from './order';

const order: Order = { plan: '1m', return_to: 'telegram' };
const payment = { id: 'p1', status: 'pending' } as Payment;

let storage: KeyValue;
let made = 0;
beforeEach(() => {
  made = 0;
  storage = openStorage(() => {
    throw new Error('blocked');
  });
});

/** Places an order that is answered so; the key it was sent with. */
async function place(reply: Payment | ApiError, given: { order?: Order; now?: number } = {}): Promise<string> {
  let sent = '';
  const deps = {
    order: async (_: Order, key: string) => {
      sent = key;
      if (reply instanceof ApiError) throw reply;
      return reply;
    },
    storage,
    newKey: () => `key ${++made}`,
    now: () => given.now ?? 0,
  };
  await placeOrder(deps, given.order ?? order).catch(() => undefined);
  return sent;
}

describe('an order', () => {
  it('is the same one after a lost answer, and another one after an answer', async () => {
    expect(await place(new ApiError('network'))).toBe('key 1');
    expect(await place(new ApiError('store_unavailable', 503))).toBe('key 1');
    expect(await place(payment)).toBe('key 1');
    expect(await place(payment)).toBe('key 2');
  });

  it('is another one when something else is bought, or long afterwards', async () => {
    await place(new ApiError('network'));
    expect(await place(new ApiError('network'), { order: { ...order, plan: '3m' } })).toBe('key 2');
    expect(await place(payment, { order: { ...order, plan: '3m' }, now: 3_600_000 })).toBe('key 3');
  });

  it('that was refused is over', async () => {
    for (const code of ['payment_refused', 'payments_off', 'validation_failed']) await place(new ApiError(code, 400));
    expect(made).toBe(3);
  });
});
