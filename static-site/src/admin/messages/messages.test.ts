import { expect, it } from 'vitest';
import { en } from './en';
import { ru } from './ru';

/** Every text of a catalogue, with its name; functions are called with numbers or words in place of what they say. */
function textsOf(value: unknown, name = ''): [string, string][] {
  if (typeof value === 'string') return [[name, value]];
  if (typeof value === 'function') {
    const say = value as (...given: unknown[]) => string;
    const place = { day: 1, month: 0, weekday: 0, time: null };
    for (const given of [[2, 2, 2, 2], ['x', 'x', 'x', 1], ['x', 2, 'x', 1], [2, 'x'], [place]]) {
      try {
        return [[name, String(say(...given))]];
      } catch {
        // Other arguments then.
      }
    }
    throw new Error(`${name} says nothing`);
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => textsOf(each, `${name}.${key}`))
    : [];
}

it('is complete in both languages, and English leaves no Russian behind', () => {
  const russian = textsOf(ru);
  const english = textsOf(en);
  expect(english.map(([name]) => name).sort()).toEqual(russian.map(([name]) => name).sort());
  expect(russian.length).toBeGreaterThan(400);
  expect(english.filter(([, text]) => /[а-яё]/i.test(text))).toEqual([]);
  expect([...russian, ...english].filter(([, text]) => text.trim() === '')).toEqual([]);
});

it('has the right form for every number', () => {
  const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
  expect([1, 2, 5, 11, 21, 20.8].map((n) => plain(ru.format.days(n)))).toEqual([
    '1 день',
    '2 дня',
    '5 дней',
    '11 дней',
    '21 день',
    '20,8 дня',
  ]);
  expect(plain(ru.format.rubles(1299.5))).toBe('1 299,50 ₽');
  expect(plain(ru.format.signedDays(-7))).toBe('−7 дней');
  expect(plain(ru.payments.totals(1212, ru.format.rubles(984_300)))).toBe('1 212 платежей на 984 300 ₽');
  expect([1, 2].map((n) => plain(en.format.days(n)))).toEqual(['1 day', '2 days']);
});

it('has the right form for days given and taken, also for parts of a day', () => {
  const plain = (text: string) => text.replace(/\u00a0|\u202f/g, ' ');
  const said = [1, -1, 3, -3, -5, 5, -21, 21, 1.5, -1.5, 29.98, -4.99, 0.04, -0.04].map((days) =>
    plain(ru.format.signedDays(days)),
  );
  expect(said).toEqual([
    '+1 день',
    '−1 день',
    '+3 дня',
    '−3 дня',
    '−5 дней',
    '+5 дней',
    '−21 день',
    '+21 день',
    '+1,5 дня',
    '−1,5 дня',
    '+30 дней',
    '−5 дней',
    '0 дней',
    '0 дней',
  ]);
  expect([1, -1, -5, 1.5, 0.98].map((days) => plain(en.format.signedDays(days)))).toEqual([
    '+1 day',
    '−1 day',
    '−5 days',
    '+1.5 days',
    '+1 day',
  ]);
});

it('lets an outcome agree with what it is about', () => {
  const said = (kind: string, outcome: keyof typeof ru.audit.outcomes) =>
    ru.audit.outcomeOf(kind, outcome, ru.audit.outcomes[outcome]);
  expect([
    said('role', 'given'),
    said('promo_code', 'created'),
    said('settings', 'changed'),
    said('access_link', 'revoked'),
  ]).toEqual(['дана', 'создан', 'изменены', 'отозвана']);
  expect(said('difference', 'resolved')).toBe('разобрано');
});
