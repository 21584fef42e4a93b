import { createSignal } from 'solid-js';

const SHOWN_MS = 3000;

const [toast, setToast] = createSignal('');
let timer: ReturnType<typeof setTimeout> | undefined;

/** The message on the screen; empty when there is none. */
export { toast };

/** Shows a short message for a moment; screen readers hear it. */
export function showToast(text: string): void {
  clearTimeout(timer);
  setToast(text);
  timer = setTimeout(() => setToast(''), SHOWN_MS);
}
