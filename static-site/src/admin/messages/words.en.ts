import { number, plural, unit } from '../../ui/en';
import { NO_BREAK_SPACE } from '../../ui/format';

/** `5 days`, on one line. */
export function count(n: number, one: string, other = `${one}s`): string {
  return unit(n, plural(n, one, other));
}

/** Parts of a day as they are shown, to a tenth. */
export const tenths = (n: number) => Math.round(n * 10) / 10;

export function days(n: number): string {
  return Number.isInteger(tenths(n)) ? count(tenths(n), 'day') : unit(n, 'days', 1);
}

export function rubles(rub: number): string {
  return `${number(rub, 2).replace(/\.\d$/, '$&0')}${NO_BREAK_SPACE}₽`;
}
