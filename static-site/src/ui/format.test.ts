import { describe, expect, it } from 'vitest';
import { ageOf, formatClock, formatNumber, formatPhone, isoDay, parseLocalDate, parseNumber, safeUrl } from './format';

describe('numbers', () => {
  it('groups thousands with a narrow no-break space', () => {
    expect(formatNumber(1_234_567, ',')).toBe('1\u202f234\u202f567');
    expect(formatNumber(999, ',')).toBe('999');
    expect(formatNumber(1000, ',')).toBe('1\u202f000');
  });

  it('rounds to the decimals asked for and drops zeros', () => {
    expect(formatNumber(7.5, ',', 2)).toBe('7,5');
    expect(formatNumber(20, ',', 2)).toBe('20');
    expect(formatNumber(21.349, '.', 2)).toBe('21.35');
    expect(formatNumber(49_999.6, ',')).toBe('50\u202f000');
    expect(formatNumber(1234.06, ',', 1)).toBe('1\u202f234,1');
    expect(formatNumber(-1500, ',')).toBe('−1\u202f500');
  });

  it('reads what drivers type', () => {
    expect(parseNumber('7,5')).toBe(7.5);
    expect(parseNumber('10 000')).toBe(10_000);
    expect(parseNumber('10\u202f000')).toBe(10_000);
    for (const wrong of ['', 'много', '-5', '1.2.3', '5т']) expect(parseNumber(wrong)).toBeNull();
  });
});

describe('dates', () => {
  it('takes a local date apart without converting it', () => {
    expect(parseLocalDate('2026-11-25T08:00:00')).toEqual({
      year: 2026,
      day: 25,
      month: 10,
      weekday: 3,
      time: '08:00',
    });
    // A false zone, as CargoTech writes it, changes nothing.
    expect(parseLocalDate('2026-11-25T23:30:00Z')).toEqual({
      year: 2026,
      day: 25,
      month: 10,
      weekday: 3,
      time: '23:30',
    });
    expect(parseLocalDate('2026-11-01')).toEqual({ year: 2026, day: 1, month: 10, weekday: 0, time: null });
  });

  it('refuses what is no date', () => {
    for (const wrong of [null, '', 'завтра', '2026-02-30', '2026-13-01']) expect(parseLocalDate(wrong)).toBeNull();
  });

  it("names the phone's own days", () => {
    const newYearsEve = new Date(2026, 11, 31, 23, 59);
    expect(isoDay(newYearsEve)).toBe('2026-12-31');
    expect(isoDay(newYearsEve, 1)).toBe('2027-01-01');
    expect(formatClock(new Date(2026, 0, 1, 9, 5).getTime())).toBe('09:05');
  });

  it('counts an age in the largest unit that fits', () => {
    const minute = 60_000;
    expect(ageOf(0, 59_999)).toEqual({ unit: 'now' });
    expect(ageOf(0, 2 * minute)).toEqual({ unit: 'minutes', count: 2 });
    expect(ageOf(0, 60 * minute)).toEqual({ unit: 'hours', count: 1 });
    expect(ageOf(0, 49 * 60 * minute)).toEqual({ unit: 'days', count: 2 });
    expect(ageOf(10 * minute, 0)).toEqual({ unit: 'now' });
  });
});

it('shows a Russian number in groups and any other as it is', () => {
  expect(formatPhone('+79161234567')).toBe('+7\u00a0916\u00a0123-45-67');
  expect(formatPhone('+375291234567')).toBe('+375291234567');
});

it('follows https links only', () => {
  expect(safeUrl('https://cargomart.ru/orders/1')).toBe('https://cargomart.ru/orders/1');
  for (const wrong of [null, undefined, '', 'http://x.ru', 'javascript:alert(1)', 'data:text/html,x', '//x.ru']) {
    expect(safeUrl(wrong)).toBeNull();
  }
});
