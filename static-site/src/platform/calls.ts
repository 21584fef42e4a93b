import { type CallNumber, dialled } from './phone';

/** Calls a number: through a link, because a web view passes `tel:` to the phone only as a navigation by the driver. */
export function call(phone: CallNumber): void {
  const link = document.createElement('a');
  link.href = `tel:${dialled(phone)}`;
  link.click();
}
