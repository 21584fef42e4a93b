import { describe, expect, it } from 'vitest';
import type { Settings } from '../../api/admin';
import { amountOf, planPreview, wholeOf } from '../display';
import { changesBetween, type Draft, draftOf, settingsOf } from './settingsDraft';

const SETTINGS: Settings = {
  payments_on: true,
  plans: [
    { id: '1m', name: '1 месяц', days: 30, price_rub: 499 },
    { id: '3m', name: '3 месяца', days: 90, price_rub: 1299.5 },
  ],
  trial_days: 3,
  receipts: {
    vat_code: 1,
    tax_system_code: null,
    payment_subject: 'service',
    payment_mode: 'full_payment',
    measure: 'piece',
  },
  response_expiry_hours: 48,
  support_contact: 'https://t.me/support',
  tariffs: [
    { kind: 'platon', from: '2026-03-01', value: 5.15, source: 'постановление № 504', is_estimate: true },
    { kind: 'vat', from: '2026-01-01', value: 22, source: 'статья 164 НК РФ', is_estimate: false },
  ],
};

function wrongOf(change: Partial<Draft>): Record<string, string> {
  const result = settingsOf({ ...draftOf(SETTINGS), ...change });
  return 'wrong' in result ? result.wrong : {};
}

describe('the form of the settings', () => {
  it('changes nothing that nobody touched', () => {
    const result = settingsOf(draftOf(SETTINGS));
    if ('wrong' in result) throw new Error(JSON.stringify(result.wrong));
    expect(result.settings).toEqual(SETTINGS);
    expect(changesBetween(SETTINGS, result.settings)).toEqual([]);
  });

  it('names what changed, whatever the order in which the server writes it', () => {
    const next: Settings = {
      ...SETTINGS,
      trial_days: 5,
      receipts: {
        measure: 'piece',
        payment_mode: 'full_payment',
        payment_subject: 'service',
        tax_system_code: null,
        vat_code: 1,
      },
    };
    expect(changesBetween(SETTINGS, next)).toEqual(['trial_days']);
    expect(changesBetween(SETTINGS, { ...SETTINGS, receipts: null })).toEqual(['receipts']);
    expect(changesBetween(SETTINGS, { ...SETTINGS, plans: [...SETTINGS.plans].reverse() })).toEqual(['plans']);
  });

  it('names every fault with its field', () => {
    const plan = { id: '1m', name: '1', days: '30', price_rub: '499' };
    const tariff = { kind: 'vat', from: '2027-01-01', value: '20', source: 'НК РФ', is_estimate: false };
    expect(wrongOf({ tariffs: [tariff, { ...tariff, kind: 'diesel' }, tariff] })).toEqual({
      'tariffs.2.from': 'tariff_repeated',
    });
    expect(wrongOf({ tariffs: [{ ...tariff, from: '', value: '5,155', source: ' ' }] })).toEqual({
      'tariffs.0.from': 'tariff_from',
      'tariffs.0.value': 'tariff_value',
      'tariffs.0.source': 'tariff_source',
    });
    expect(wrongOf({ tariffs: [{ ...tariff, value: '1001' }] })).toEqual({ 'tariffs.0.value': 'tariff_value' });
    expect(wrongOf({ plans: [] })).toEqual({ plans: 'no_plans' });
    expect(wrongOf({ plans: [plan, { ...plan }] })).toEqual({ 'plans.1.id': 'plan_repeated' });
    expect(wrongOf({ plans: [{ id: 'Ж', name: ' ', days: '0', price_rub: '1,234' }] })).toEqual({
      'plans.0.id': 'plan_id',
      'plans.0.name': 'plan_name',
      'plans.0.days': 'plan_days',
      'plans.0.price_rub': 'plan_price',
    });
    for (const support_contact of [
      '@support',
      '+7 999 123 45 67',
      '8 800 555-35-35',
      '+375 29 123-45-67',
      'https://x.ru/help',
    ]) {
      expect(wrongOf({ support_contact }), support_contact).toEqual({});
    }
    for (const support_contact of ['+7 916 123-45-6', '+888 0123 4567', 'somebody']) {
      expect(wrongOf({ support_contact }), support_contact).toEqual({ support_contact: 'support' });
    }
    expect(wrongOf({ trial_days: '-1', response_expiry_hours: '', support_contact: 'http://x' })).toEqual({
      trial_days: 'trial_days',
      response_expiry_hours: 'expiry',
      support_contact: 'support',
    });
  });
});

it('previews plans as the server counts them for drivers', () => {
  const plans = [
    [30, 499],
    [90, 1299],
    [180, 2399],
    [365, 3999],
  ].map(([days = 0, price_rub = 0]) => ({ days, price_rub }));
  const first = plans[0] ?? { days: 1, price_rub: 1 };
  expect(plans.map((plan) => planPreview(plan, first))).toEqual([
    { perDay: 16.64, saving: 0 },
    { perDay: 14.44, saving: 13 },
    { perDay: 13.33, saving: 19 },
    { perDay: 10.96, saving: 34 },
  ]);
});

it('reads amounts and whole numbers as they are typed', () => {
  expect(['1 299,50', '99.5', '0', 'много', '1.234', '-5', ''].map(amountOf)).toEqual([
    1299.5,
    99.5,
    0,
    null,
    null,
    null,
    null,
  ]);
  expect(wholeOf('3 650', 1, 3650)).toBe(3650);
  expect(['0', '3651', '1.5', 'x', ''].map((text) => wholeOf(text, 1, 3650))).toEqual([null, null, null, null, null]);
});
