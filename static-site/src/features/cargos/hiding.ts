import type { Card } from '../../api/driver';
import { haptic } from '../../platform/telegram';
import { showToast } from '../../ui/toast';
import { markHidden } from '../shell/app';
import { toolWords } from './toolWords';

/** Puts a hidden cargo back into the list. */
export function restoreCargo(card: Card): void {
  haptic('selection');
  markHidden(card, false);
}

/** Takes a cargo out of the list, and offers to take that back. */
export function hideCargo(card: Card): void {
  haptic('selection');
  markHidden(card, true);
  showToast(toolWords().hidden, { text: toolWords().undo, press: () => markHidden(card, false) });
}
