import { createSignal } from 'solid-js';
import type { Language } from '../api';
import { ru } from './ru';

/** The shape of a catalogue: the type checker holds every language to it. */
export type Messages = typeof ru;

const [messages, setMessages] = createSignal<Messages>(ru);
const [language, setLanguageSignal] = createSignal<Language>('ru');

/** The catalogue of the current language; read it where the text is shown, so that a change of language reaches it. */
export const t = messages;
export { language };

/** Switches the interface to `next`. English is a part of its own, since most drivers never load it. */
export async function setLanguage(next: Language): Promise<void> {
  setMessages(next === 'en' ? (await import('./en')).en : ru);
  setLanguageSignal(next);
  document.documentElement.lang = next;
}

/** Languages of the countries where Russian is the road's common language. */
const RUSSIAN_READERS = ['ru', 'be', 'uk', 'kk', 'ky', 'uz', 'tg', 'tk', 'hy', 'az', 'ka', 'ro', 'mo', 'tt', 'ba', 'cv'];

/** The language for a driver who has not chosen one, by what Telegram or the browser says (`en-US`, `kk`). */
export function defaultLanguage(code: string | null): Language {
  return code === null || RUSSIAN_READERS.includes(code.toLowerCase().split('-')[0] ?? '') ? 'ru' : 'en';
}
