import { createSignal } from 'solid-js';

const SHOWN_MS = 3000;
/** What can be pressed stays until a thumb is there. */
const SHOWN_WITH_ACTION_MS = 6000;

/** A button beside the message. */
interface ToastAction {
  text: string;
  press: () => void;
}

const [toast, setToast] = createSignal<{ text: string; action: ToastAction | null }>({ text: '', action: null });
let timer: ReturnType<typeof setTimeout> | undefined;

/** The message on the screen; its text is empty when there is none. */
export { toast };

/** Shows a short message for a moment; screen readers hear it. */
export function showToast(text: string, action: ToastAction | null = null): void {
  clearTimeout(timer);
  setToast({ text, action });
  timer = setTimeout(hideToast, action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
}

/** Takes the message away. */
export function hideToast(): void {
  setToast({ text: '', action: null });
}
