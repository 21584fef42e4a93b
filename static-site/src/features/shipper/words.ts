import { defaultLanguage } from '../../platform/language';
import { en } from './en';
import { ru } from './ru';

/** The page's texts, in the browser's language. */
export const words = defaultLanguage(navigator.language ?? null) === 'ru' ? ru : en;
