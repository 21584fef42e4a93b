import { NO_BREAK_SPACE } from '../../ui/format';
import { number, plural, unit } from '../../ui/ru';

/** `5 дней`, on one line. */
export function count(n: number, one: string, few: string, many: string): string {
  return unit(n, plural(n, one, few, many));
}

/** Parts of a day as they are shown, to a tenth: what is shown decides the form of the word. */
export const tenths = (n: number) => Math.round(n * 10) / 10;

export function days(n: number): string {
  return Number.isInteger(tenths(n)) ? count(tenths(n), 'день', 'дня', 'дней') : unit(n, 'дня', 1);
}

export function rubles(rub: number): string {
  return `${number(rub, 2).replace(/,\d$/, '$&0')}${NO_BREAK_SPACE}₽`;
}
