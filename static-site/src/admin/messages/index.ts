import { createSignal } from 'solid-js';
import type { Language } from '../../api/types';
import { defaultLanguage } from '../../platform/language';
import type { ru } from './ru';

/** The shape of a catalogue: the type checker holds every language to it. */
export type AdminMessages = typeof ru;

const [words, setWords] = createSignal<AdminMessages>(undefined as unknown as AdminMessages);
const [language, setLanguage] = createSignal<Language>('ru');

/** The catalogue; nothing is drawn before it is there. */
export const w = words;
export { language };

/** Loads the catalogue of the chosen language, or of the one that the browser speaks. */
export async function chooseWords(chosen: Language | null, code: string | null): Promise<void> {
  const next = chosen ?? defaultLanguage(code);
  setWords(next === 'en' ? (await import('./en')).en : (await import('./ru')).ru);
  setLanguage(next);
  document.documentElement.lang = next;
  document.title = words().title;
}
