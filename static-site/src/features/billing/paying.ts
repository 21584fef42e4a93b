import { isInTelegram, openLink } from '../../platform/telegram';
import { safeUrl } from '../../ui/format';

/** Where the driver comes back to after paying. */
export function returnTo(): 'telegram' | 'browser' {
  return isInTelegram() ? 'telegram' : 'browser';
}

/** Opens YooKassa's page: outside the app where Telegram shows it, in its place elsewhere. Only a secure page, or one of our own. */
export function openPayment(url: string): void {
  if (!safeUrl(url) && !url.startsWith(`${location.origin}/`)) return;
  if (isInTelegram()) openLink(url);
  else location.assign(url);
}
