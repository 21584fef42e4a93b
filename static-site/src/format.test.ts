import { describe, expect, it } from 'vitest';
import {
  ageOf,
  dialled,
  formatClock,
  formatNumber,
  formatPhone,
  isoDay,
  parseLocalDate,
  parseNumber,
  parsePhone,
  safeUrl,
  splitPhones,
} from './format';

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
    expect(parseLocalDate('2026-11-25T08:00:00')).toEqual({ day: 25, month: 10, weekday: 3, time: '08:00' });
    // A false zone, as CargoTech writes it, changes nothing.
    expect(parseLocalDate('2026-11-25T23:30:00Z')).toEqual({ day: 25, month: 10, weekday: 3, time: '23:30' });
    expect(parseLocalDate('2026-11-01')).toEqual({ day: 1, month: 10, weekday: 0, time: null });
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

describe('phones', () => {
  it('understands a Russian number in every way it is written', () => {
    for (const written of ['+7 916 123-45-67', '8 (916) 123-45-67', '79161234567', '9161234567', '8.916.123.45.67']) {
      expect(parsePhone(written), written).toBe('+79161234567');
    }
    expect(parsePhone('+375 29 123-45-67')).toBe('+375291234567');
  });

  it('refuses what is no number', () => {
    for (const wrong of ['', '12', '916123456', '+0123456789', 'тел. 89161234567', '4951234567', '891612345678']) {
      expect(parsePhone(wrong), wrong).toBeNull();
    }
  });

  it('shows a Russian number in groups and any other as it is', () => {
    expect(formatPhone('+79161234567')).toBe('+7\u00a0916\u00a0123-45-67');
    expect(formatPhone('+375291234567')).toBe('+375291234567');
  });

  it('finds numbers in a note and loses not a character of it', () => {
    const note = 'Звонить Ирине 8 (916) 555-12-34\nили +79031112233, Минск +375 29 123-45-67!';
    const parts = splitPhones(note);
    expect(parts.map((part) => part.text).join('')).toBe(note);
    expect(parts.flatMap((part) => part.phone ?? [])).toEqual(['+79165551234', '+79031112233', '+375291234567']);
  });

  it('leaves other numbers of a note alone', () => {
    for (const note of [
      'ИНН 7701234567, КПП 770101001',
      'ИНН 771234567890',
      'ставка 85 000 100 000 руб',
      'счёт 40702810938000012345',
      'груз 82 м3, 20 т, 8 паллет',
    ]) {
      expect(splitPhones(note), note).toEqual([{ text: note, phone: null }]);
    }
    expect(splitPhones('')).toEqual([]);
  });
});

it('follows https links only', () => {
  expect(safeUrl('https://cargomart.ru/orders/1')).toBe('https://cargomart.ru/orders/1');
  for (const wrong of [null, undefined, '', 'http://x.ru', 'javascript:alert(1)', 'data:text/html,x', '//x.ru']) {
    expect(safeUrl(wrong)).toBeNull();
  }
});

it('dials a number as it is meant, its extension after a pause', () => {
  for (const [written, number] of [
    ['+7 900 000-36-17', '+79000003617'],
    ['8 (900) 000 36 17', '+79000003617'],
    ['+7 900 000-36-17 доб. 117', '+79000003617,117'],
    ['8 495 123-45-67, доб 12', '+74951234567,12'],
    ['тел. 8 900 000 36 17', '+79000003617'],
    ['+375 29 123-45-67', '+375291234567'],
    ['112', '112'],
    ['нет', ''],
  ] as const) {
    expect(dialled(written), written).toBe(number);
  }
});
