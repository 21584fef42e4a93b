import type { Feature, Payment, Subscription } from '../../api/driver';
import { isoDay, parseLocalDate } from '../../ui/format';
import { t } from '../shell/messages';
import { money } from './messages';

/** From this many days before its end, the end is worth a word. */
const SOON_DAYS = 3;

/** `24 ноя 2026`, by the phone's clock. */
export function dayText(moment: string): string {
  const day = isoDay(new Date(moment));
  const date = parseLocalDate(day);
  return date ? `${t().format.shortDate(date)}\u00a0${day.slice(0, 4)}` : '';
}

/** Whether the driver has access now, for however long. */
export function isRunning(subscription: Subscription): boolean {
  return subscription.state === 'trial' || subscription.state === 'active';
}

/** That the access ends soon; null when it does not. */
export function endsSoonText(subscription: Subscription | undefined): string | null {
  if (!subscription?.expires_at || !isRunning(subscription)) return null;
  // Nobody is reminded of a trial before it has been tried.
  if (subscription.days_left > (subscription.state === 'trial' ? 1 : SOON_DAYS)) return null;
  return money().endsSoon(dayText(subscription.expires_at));
}

/** What the driver has, in two words. */
export function accessText({ state, source }: Subscription): string {
  return state === 'expired' && source === 'trial' ? money().trialEnded : money().access[state];
}

/** `до 24 ноя 2026 · осталось 3 дня`, or when it ended; empty when there never was one. */
export function untilText(subscription: Subscription): string {
  const { expires_at, source, days_left } = subscription;
  if (!expires_at) return '';
  const words = money();
  if (!isRunning(subscription)) return dayText(expires_at);
  return [words.until(dayText(expires_at)), words.left(days_left), source && words.source[source]]
    .filter(Boolean)
    .join(' · ');
}

/** What a subscription would open; empty when nothing is locked. */
export function opensText(features: Record<Feature, boolean> | undefined): string {
  const words = money();
  const names = (['list', 'detail', 'contacts', 'respond'] as const)
    .filter((name) => features?.[name] === false)
    .map((name) => words.features[name]);
  const last = names.pop();
  if (last === undefined) return '';
  return words.opens(names.length > 0 ? names.join(', ') + words.and + last : last);
}

/** Why a payment was canceled, in the driver's words. */
export function reasonText(reason: string | null): string {
  const { reasons, otherReason } = money();
  return (reason !== null && Object.keys(reasons).includes(reason) && reasons[reason]) || otherReason;
}

/** What there is to say of a payment besides its state. */
export function paymentNotes(payment: Payment, price: (rub: number) => string): string[] {
  const notes: string[] = [];
  if (payment.status === 'canceled') notes.push(reasonText(payment.reason));
  if (payment.refunded_rub) notes.push(money().refunded(price(payment.refunded_rub)));
  if (payment.status === 'succeeded' && payment.receipt) notes.push(money().receipt[payment.receipt]);
  return notes;
}
