import { expect, it } from 'vitest';
import type { Payment, Subscription } from '../../api/driver';
import { ApiError } from '../../api/error';
import { isLocked, needsSubscription, setAccess } from './access';
import { enMoney, ruMoney } from './messages';
import { accessText, endsSoonText, opensText, paymentNotes, reasonText, untilText } from './subscription';

const plain = (text: string | null) => text?.replace(/[\u00a0\u202f]/g, ' ');
const running: Subscription = { state: 'active', expires_at: '2026-11-25T12:00:00Z', source: 'promo', days_left: 21 };
const all = { list: true, detail: true, contacts: true, respond: true, alerts: true };

it('says until when there is access, and warns in its last days', () => {
  expect(plain(untilText(running))).toBe('до 25 ноя 2026 · остался 21 день · по промокоду');
  expect(endsSoonText(running)).toBeNull();
  expect(plain(endsSoonText({ ...running, days_left: 3 }))).toMatch(/закончится 25 ноя 2026/);
  const trial = { ...running, state: 'trial', source: 'trial' } as const;
  expect(endsSoonText({ ...trial, days_left: 2 })).toBeNull();
  expect(plain(endsSoonText({ ...trial, days_left: 1 }))).toMatch(/закончится 25 ноя 2026/);
  expect(plain(untilText({ ...running, state: 'expired', days_left: 0 }))).toBe('25 ноя 2026');
  expect(accessText({ ...running, state: 'expired', source: 'trial' })).toBe('Пробный доступ закончился');
  expect(accessText({ ...running, state: 'expired' })).toBe('Подписка закончилась');
  expect(endsSoonText({ ...running, state: 'expired', days_left: 0 })).toBeNull();
  expect(untilText({ state: 'none', expires_at: null, source: null, days_left: 0 })).toBe('');
});

it('says what a subscription opens', () => {
  expect(opensText(all)).toBe('');
  expect(opensText({ ...all, contacts: false, respond: false })).toBe(
    'С подпиской доступны: телефоны грузовладельцев и отклики.',
  );
  expect(opensText({ ...all, list: false })).toBe('С подпиской доступны: список грузов.');
});

it('knows what is locked only once the server has said so', () => {
  expect(isLocked('respond')).toBe(false);
  setAccess({ subscription: running, features: { ...all, respond: false }, flags: [] });
  expect([isLocked('respond'), isLocked('contacts')]).toEqual([true, false]);
  expect([needsSubscription(new ApiError('subscription_required', 402)), needsSubscription(null)]).toEqual([
    true,
    false,
  ]);
});

it('puts every reason into words, also one that nobody has heard of', () => {
  expect(reasonText('insufficient_funds')).toBe('На карте не хватает денег.');
  for (const reason of ['a_new_one', null, 'constructor']) expect(reasonText(reason)).toBe(ruMoney.otherReason);
  expect(Object.keys(enMoney.reasons)).toEqual(Object.keys(ruMoney.reasons));
  expect(Object.keys(enMoney.promoErrors)).toEqual(Object.keys(ruMoney.promoErrors));
});

it('notes what became of a payment and its receipt', () => {
  const payment = { status: 'succeeded', receipt: 'succeeded', refunded_rub: 100, reason: null } as Payment;
  expect(paymentNotes(payment, (rub) => `${rub} ₽`)).toEqual(['Возвращено 100 ₽', 'Чек отправлен']);
  expect(paymentNotes({ ...payment, status: 'canceled', reason: 'invalid_csc', refunded_rub: 0 }, String)).toEqual([
    ruMoney.reasons.invalid_csc,
  ]);
});

it('names plans in English by their length', () => {
  expect([30, 90, 180, 365, 10].map((days) => plain(enMoney.planName('', days)))).toEqual([
    '1 month',
    '3 months',
    '6 months',
    '12 months',
    '10 days',
  ]);
  expect(JSON.stringify(enMoney)).not.toMatch(/[а-яё]/i);
});
