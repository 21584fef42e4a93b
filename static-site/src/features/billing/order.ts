import type { Order, Payment } from '../../api/driver';
import { ApiError } from '../../api/error';
import { ORDER } from '../../platform/personal';
import type { KeyValue } from '../../platform/storage';

interface Attempt {
  order: string;
  key: string;
  at: number;
}

/** After this time an order that was never answered is given up: its payment could no longer be paid. */
const FORGOTTEN_MS = 30 * 60_000;

interface Given {
  order: (order: Order, key: string) => Promise<Payment>;
  storage: KeyValue;
  newKey: () => string;
  now: () => number;
}

/**
 * Places an order. Its key lives until the server has answered, also over a reload: whoever taps again after a lost
 * answer repeats the order and does not make another.
 */
export async function placeOrder(given: Given, order: Order): Promise<Payment> {
  const { storage } = given;
  const text = JSON.stringify(order);
  const before = storage.get(ORDER) as Attempt | null;
  const fresh = before?.order === text && given.now() - before.at < FORGOTTEN_MS;
  const attempt = fresh ? before : { order: text, key: given.newKey(), at: given.now() };
  storage.set(ORDER, attempt);
  try {
    const payment = await given.order(order, attempt.key);
    storage.remove(ORDER);
    return payment;
  } catch (error) {
    if (error instanceof ApiError && isAnswer(error)) storage.remove(ORDER);
    throw error;
  }
}

/** Whether the server has said no; otherwise nobody knows what it made of the order. */
function isAnswer(error: ApiError): boolean {
  return error.code === 'payment_refused' || error.code === 'payments_off' || error.code === 'validation_failed';
}
