import { type Age, formatNumber, type LocalDate, NO_BREAK_SPACE } from './format';

/** How English writes numbers, dates and ages. */

const rules = /* @__PURE__ */ new Intl.PluralRules('en');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export function number(value: number, digits = 0): string {
  return formatNumber(value, '.', digits);
}

export function unit(value: number, name: string, digits = 0): string {
  return number(value, digits) + NO_BREAK_SPACE + name;
}

/** The form that goes with a number: cargo, cargos. */
export function plural(n: number, one: string, other: string): string {
  return rules.select(n) === 'one' ? one : other;
}

/** `5 cargos` */
export function count(n: number, one: string, other: string): string {
  return `${number(n)} ${plural(n, one, other)}`;
}

/** `Wed, 25 Nov` */
export function date(day: LocalDate): string {
  return `${WEEKDAYS[day.weekday]}, ${shortDate(day)}`;
}

/** `25 Nov` */
export function shortDate({ day, month }: LocalDate): string {
  return day + NO_BREAK_SPACE + MONTHS[month];
}

export function age(value: Age): string {
  if (value.unit === 'now') return 'just now';
  if (value.unit === 'minutes') return `${value.count}${NO_BREAK_SPACE}min ago`;
  if (value.unit === 'hours') return `${value.count}${NO_BREAK_SPACE}h ago`;
  return `${count(value.count, 'day', 'days')} ago`;
}

/** `Груз 17,5 т / 82 м³`, `50 000 ₽` and `по запросу`, as the server writes them, in English. */
export function measures(text: string): string {
  return text
    .replace(/^Груз(?= |$)/, 'Cargo')
    .replace(/^по запросу$/, 'on request')
    .replace(/(\d),(\d)/g, '$1.$2')
    .replace(/(\d[\s\u00a0\u202f]?)т(?![а-яё])/g, '$1t')
    .replace(/м³/g, 'm³')
    .replace(/(\d[\s\u00a0\u202f]?)км(?![а-яё])/g, '$1km');
}
