import { type Age, formatNumber, type LocalDate, NO_BREAK_SPACE } from './format';

/** How Russian writes numbers, dates and ages. */

const rules = /* @__PURE__ */ new Intl.PluralRules('ru');
const MONTHS = ['янв', 'фев', 'мар', 'апр', 'мая', 'июн', 'июл', 'авг', 'сен', 'окт', 'ноя', 'дек'];
const WEEKDAYS = ['вс', 'пн', 'вт', 'ср', 'чт', 'пт', 'сб'];

export function number(value: number, digits = 0): string {
  return formatNumber(value, ',', digits);
}

export function unit(value: number, name: string, digits = 0): string {
  return number(value, digits) + NO_BREAK_SPACE + name;
}

/** The form that goes with a number: груз, груза, грузов. */
export function plural(n: number, one: string, few: string, many: string): string {
  const rule = rules.select(n);
  return rule === 'one' ? one : rule === 'few' ? few : many;
}

/** `5 грузов` */
export function count(n: number, one: string, few: string, many: string): string {
  return `${number(n)} ${plural(n, one, few, many)}`;
}

/** `ср, 25 ноя` */
export function date(day: LocalDate): string {
  return `${WEEKDAYS[day.weekday]}, ${shortDate(day)}`;
}

/** `25 ноя` */
export function shortDate({ day, month }: LocalDate): string {
  return day + NO_BREAK_SPACE + MONTHS[month];
}

export function age(value: Age): string {
  if (value.unit === 'now') return 'только что';
  if (value.unit === 'minutes') return `${value.count}${NO_BREAK_SPACE}мин назад`;
  if (value.unit === 'hours') return `${value.count}${NO_BREAK_SPACE}ч назад`;
  return `${count(value.count, 'день', 'дня', 'дней')} назад`;
}
