import { createSignal } from 'solid-js';
import { EMPTY_DRAFT, type OfferDraft, type OfferErrors } from './offer';

/** What a driver has typed for each cargo and what is wrong with it. It outlives the screen and a failure to send. */
const [drafts, setDrafts] = createSignal<Record<string, { draft: OfferDraft; errors: OfferErrors }>>({});

export function draftFor(id: string): OfferDraft {
  return drafts()[id]?.draft ?? EMPTY_DRAFT;
}

export function draftErrors(id: string): OfferErrors {
  return drafts()[id]?.errors ?? {};
}

/** Keeps what is typed; what was said about it before no longer counts. */
export function changeDraft(id: string, change: Partial<OfferDraft>): void {
  setDrafts({ ...drafts(), [id]: { draft: { ...draftFor(id), ...change }, errors: {} } });
}

/** Keeps what is wrong with it. */
export function refuseDraft(id: string, errors: OfferErrors): void {
  setDrafts({ ...drafts(), [id]: { draft: draftFor(id), errors } });
}

/** Forgets what was typed, once it is sent. */
export function clearDraft(id: string): void {
  const { [id]: _, ...others } = drafts();
  setDrafts(others);
}
