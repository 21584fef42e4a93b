import type { Language } from '../api/types';

/** Languages of the countries where Russian is the road's common language. */
const RUSSIAN_READERS = [
  'ru',
  'be',
  'uk',
  'kk',
  'ky',
  'uz',
  'tg',
  'tk',
  'hy',
  'az',
  'ka',
  'ro',
  'mo',
  'tt',
  'ba',
  'cv',
];

/** The language for a driver who has not chosen one, by what Telegram or the browser says (`en-US`, `kk`). */
export function defaultLanguage(code: string | null): Language {
  return code === null || RUSSIAN_READERS.includes(code.toLowerCase().split('-')[0] ?? '') ? 'ru' : 'en';
}
