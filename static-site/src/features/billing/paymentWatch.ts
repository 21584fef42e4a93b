import type { Payment } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import type { PaymentStatus } from '../../api/types';

/** The server asks YooKassa no more often. */
const POLL_MS = 3000;

const OPEN: readonly PaymentStatus[] = ['created', 'pending', 'waiting_for_capture'];

/** Whether it can still be paid, or turn out to be. */
export function isOpen(payment: Payment): boolean {
  return OPEN.includes(payment.status);
}

interface Given {
  load: () => Promise<Payment>;
  hidden: () => boolean;
  onPayment: (payment: Payment) => void;
  /** What was not found out this time; it is asked again unless there is no such payment. */
  onError: (error: ApiError) => void;
}

/** Asks for a payment until it is decided, while the driver looks. `check` asks at once, after the app was put away. */
export function watchPayment(given: Given): { check: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let over = false;

  async function check(): Promise<void> {
    clearTimeout(timer);
    if (asking || over || given.hidden()) return;
    asking = true;
    try {
      const payment = await given.load();
      if (over) return;
      given.onPayment(payment);
      over = !isOpen(payment);
    } catch (reason) {
      if (over) return;
      const error = asApiError(reason);
      given.onError(error);
      over = error.status === 404 || error.status === 401;
    } finally {
      asking = false;
      if (!over) timer = setTimeout(() => void check(), POLL_MS);
    }
  }

  return {
    check: () => void check(),
    stop() {
      over = true;
      clearTimeout(timer);
    },
  };
}
