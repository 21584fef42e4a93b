import { enShipper } from '../messages/en';
import { defaultLanguage } from '../messages/language';
import { ruShipper } from '../messages/ru';

/** The page's texts, in the browser's language. */
export const words = defaultLanguage(navigator.language ?? null) === 'ru' ? ruShipper : enShipper;
