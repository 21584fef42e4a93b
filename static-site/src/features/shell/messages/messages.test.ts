import { describe, expect, it } from 'vitest';
import { type LocalDate, parseLocalDate } from '../../../ui/format';
import { enMoney } from '../../billing/messages';
import { enCargo } from '../../cargos/messages';
import { enTools } from '../../cargos/toolWords';
import { enChains } from '../../chains/messages';
import { enFilters, ruFilters } from '../../filters/messages';
import { enProfile } from '../../profile/messages';
import { enRespond } from '../../responses/messages';
import { enSearches } from '../../searches/messages';
import { enBlocked, enLink, enSession } from '../../session/messages';
import { en as enShipper } from '../../shipper/en';
import { enTruck } from '../../truck/messages';
import { enWorth } from '../../worth/messages';
import { defaultLanguage } from '.';
import { en } from './en';
import { ru } from './ru';

/** Thin and no-break spaces as plain ones, to be read. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('Russian', () => {
  it('has the right form for every number', () => {
    const forms: [number, string][] = [
      [0, '0 грузов'],
      [1, '1 груз'],
      [2, '2 груза'],
      [5, '5 грузов'],
      [11, '11 грузов'],
      [21, '21 груз'],
      [22, '22 груза'],
      [112, '112 грузов'],
      [1001, '1 001 груз'],
    ];
    for (const [count, text] of forms) expect(plain(ru.list.found(count))).toBe(text);
    expect(plain(ru.format.age({ unit: 'days', count: 3 }))).toBe('3 дня назад');
    expect(plain(ru.format.age({ unit: 'minutes', count: 2 }))).toBe('2 мин назад');
  });

  it('writes numbers, money and dates', () => {
    expect(plain(ru.format.rubles(50_000))).toBe('50 000 ₽');
    expect(plain(ru.format.tonnes(7.5))).toBe('7,5 т');
    expect(plain(ru.format.rublesPerKilometre(83.94))).toBe('83,9 ₽/км');
    expect(plain(ru.format.rublesPerKilometre(183.94))).toBe('184 ₽/км');
    expect(plain(ru.format.date(parseLocalDate('2026-11-25') as LocalDate))).toBe('ср, 25 ноя');
    const [monday, friday, later] = ['2026-11-23', '2026-11-27', '2026-12-03'].map(parseLocalDate);
    const days = (first: LocalDate | null = null, last: LocalDate | null = null) =>
      plain(ruFilters.chip.date(first, last));
    expect(days(monday, monday)).toBe('Погрузка 23 ноя');
    expect(days(monday, friday)).toBe('Погрузка 23–27 ноя');
    expect(days(friday, later)).toBe('Погрузка 27 ноя – 3 дек');
    // A year later the month is the same, and the range is not of four days.
    expect(days(monday, parseLocalDate('2027-11-05'))).toBe('Погрузка 23 ноя – 5 ноя 2027');
    expect(days(monday)).toBe('Погрузка с 23 ноя');
    expect(days(null, friday)).toBe('Погрузка по 27 ноя');
    expect(plain(enFilters.chip.date(null, friday ?? null))).toBe('Loading until 27 Nov');
    expect(plain(ruFilters.chip.between('10 000 ₽', null))).toBe('от 10 000 ₽');
    expect(plain(ruFilters.chip.between('1', '2'))).toBe('от 1 до 2');
  });
});

describe('English', () => {
  it('has its own forms and decimal point', () => {
    expect(en.list.found(1)).toBe('1 cargo');
    expect(plain(en.list.found(1234))).toBe('1 234 cargos');
    expect(plain(en.format.tonnes(7.5))).toBe('7.5 t');
    expect(en.format.measures('Груз 17,5 т / 82 м³')).toBe('Cargo 17.5 t / 82 m³');
    expect(enShipper.measures('по запросу')).toBe('on request');
    expect(enShipper.measures('3 тонны песка, 5 тентов')).toBe('3 тонны песка, 5 тентов');
  });

  it('leaves no Russian behind, the name of that language excepted', () => {
    const texts: string[] = [];
    const collect = (value: unknown): void => {
      if (typeof value === 'string') texts.push(value);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
    };
    collect([
      en,
      { ...enProfile, ru: '' },
      enMoney,
      enBlocked,
      enLink,
      enSession,
      enRespond,
      enFilters,
      enCargo,
      enTools,
      enSearches,
      enChains,
      enTruck,
      enWorth,
    ]);
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter((text) => /[а-яё]/i.test(text))).toEqual([]);
  });
});

it('speaks Russian to the countries around Russia and English to others', () => {
  for (const code of ['ru', 'ru-RU', 'kk', 'be', 'uk', 'uz', null]) expect(defaultLanguage(code)).toBe('ru');
  for (const code of ['en', 'en-US', 'de', 'zh-hans', 'tr']) expect(defaultLanguage(code)).toBe('en');
});
