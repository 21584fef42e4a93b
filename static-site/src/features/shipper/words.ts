import { defaultLanguage } from '../../platform/language';
import { enShipper } from '../shell/messages/en';
import { ruShipper } from '../shell/messages/ru';

/** The page's texts, in the browser's language. */
export const words = defaultLanguage(navigator.language ?? null) === 'ru' ? ruShipper : enShipper;
