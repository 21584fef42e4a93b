import { copyText } from '../../platform/clipboard';
import { haptic, openTelegramLink } from '../../platform/telegram';
import { showToast } from '../../ui/toast';
import { cargoWords } from '../cargos/messages';

/** Copies a text and says whether that worked: `done` when it did. Call it from a tap. */
export async function copyAndSay(text: string, done: string): Promise<void> {
  const copied = await copyText(text);
  haptic(copied ? 'success' : 'error');
  showToast(copied ? done : cargoWords().copyFailed);
}

/** Hands a link to a chat: in Telegram by its share dialogue, elsewhere by the phone's own or by the clipboard. */
export async function shareLink(url: string, text: string): Promise<void> {
  const telegram = `https://t.me/share/url?url=${encodeURIComponent(url)}&text=${encodeURIComponent(text)}`;
  if (openTelegramLink(telegram)) return;
  if ('share' in navigator) {
    // A cancelled dialogue is no failure.
    await navigator.share({ url, text }).catch(() => undefined);
  } else {
    await copyAndSay(url, cargoWords().linkCopied);
  }
}
