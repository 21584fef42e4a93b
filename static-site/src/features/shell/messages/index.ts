import { createSignal } from 'solid-js';
import type { Language } from '../../../api/types';
import { ru } from './ru';

export { defaultLanguage } from '../../../platform/language';

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
