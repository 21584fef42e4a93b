import { expect, it } from 'vitest';
import type { Card } from '../../api/driver';
import { isNew, isSaved, saved, setSaved, setVisitedAt, visitNow, withCard, withMark } from './marks';
import { renewed } from './renewed';

const card = (id: string, first_seen_at: string | null = null) =>
  ({ id, first_seen_at, deadhead_km: null, profit: null, market: null }) as Card;

it('a mark stands first and once, goes again, and pushes out the oldest', () => {
  expect(withMark(['1', '2'], '2', true)).toEqual(['2', '1']);
  expect(withMark(['1', '2'], '2', false)).toEqual(['1']);
  const many = Array.from({ length: 500 }, (_, at) => String(at));
  expect([withMark(many, 'x', true).length, withMark(many, 'x', true).includes('499')]).toEqual([500, false]);
});

it('a cargo is saved once, as it is now', () => {
  setSaved(withCard(saved(), card('1'), true));
  setSaved(withCard(saved(), card('2'), true));
  setSaved(withCard(saved(), card('1', 'now'), true));
  expect(isSaved('1')).toBe(true);
  expect(withCard(saved(), card('2'), false)).toEqual([card('1', 'now')]);
  const opened = { ...card('3'), contacts: [{ name: 'Иван', phones: ['+79160000000'] }], note: 'звонить' };
  expect(JSON.stringify(withCard([], opened, true))).not.toMatch(/Иван|7916|звонить/);
});

it('a cargo that is opened renews what is kept of it, in its place', () => {
  const kept = { ...card('2', '2026-11-25T08:00:00Z'), price_rub: 50_000 };
  const opened = { ...card('2'), price_rub: 60_000, note: 'звонить' };
  const [first, second] = renewed([card('1'), kept], opened);
  expect(first).toEqual(card('1'));
  expect(second).toMatchObject({ id: '2', price_rub: 60_000, first_seen_at: '2026-11-25T08:00:00Z' });
  expect([second?.price_change?.from_rub, JSON.stringify(second).includes('звонить')]).toEqual([50_000, false]);
  // Opened once more at that price, it still says what it was.
  expect(renewed([second as Card], opened)[0]?.price_change).toEqual(second?.price_change);
});

it('what appeared since the visit before is new', () => {
  const minute = 60_000;
  const first = visitNow(null, 0);
  expect(first).toEqual({ before: null, last: 0 });
  expect(visitNow(first, minute)).toEqual({ before: null, last: minute });
  expect(visitNow({ before: null, last: minute }, 40 * minute)).toEqual({ before: minute, last: 40 * minute });
  setVisitedAt(null);
  expect(isNew(card('1', '2026-11-25T08:00:00Z'))).toBe(false);
  setVisitedAt(Date.parse('2026-11-25T08:00:00Z'));
  expect([
    isNew(card('1', '2026-11-25T08:00:01Z')),
    isNew(card('1', '2026-11-25T07:00:00Z')),
    isNew(card('1')),
  ]).toEqual([true, false, false]);
});
