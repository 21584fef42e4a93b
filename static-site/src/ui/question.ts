import { type Accessor, createSignal } from 'solid-js';
import { screenEntered } from '../platform/pressGuard';

/** Whether a question is asked in place of the button that leads to it. Its answer may stand where that button stood. */
export function createQuestion(): [Accessor<boolean>, (asked: boolean) => void] {
  const [asking, setAsking] = createSignal(false);
  return [
    asking,
    (asked) => {
      setAsking(asked);
      screenEntered();
    },
  ];
}
