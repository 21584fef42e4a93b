import { type Accessor, createSignal, onCleanup, onMount } from 'solid-js';

/** How far the finger has to come, in CSS pixels. */
const ENOUGH = 64;
const LONGEST = 96;

/**
 * Pulling the page down at its top refreshes. Answers with how far it is pulled: 0 to 1 is on the way, 1 and more will refresh
 * on release.
 */
export function pullToRefresh(enabled: () => boolean, onRefresh: () => void): Accessor<number> {
  const [pull, setPull] = createSignal(0);
  let startY: number | null = null;

  function onStart(event: TouchEvent): void {
    const touch = event.touches[0];
    startY = enabled() && window.scrollY <= 0 && event.touches.length === 1 && touch ? touch.clientY : null;
  }

  function onMove(event: TouchEvent): void {
    const touch = event.touches[0];
    if (startY === null || !touch) return;
    if (window.scrollY > 0) {
      startY = null;
      setPull(0);
      return;
    }
    setPull(Math.max(0, Math.min((touch.clientY - startY) / 2, LONGEST)) / ENOUGH);
  }

  function onEnd(): void {
    if (startY !== null && pull() >= 1) onRefresh();
    startY = null;
    setPull(0);
  }

  onMount(() => {
    const passive = { passive: true };
    window.addEventListener('touchstart', onStart, passive);
    window.addEventListener('touchmove', onMove, passive);
    window.addEventListener('touchend', onEnd, passive);
    window.addEventListener('touchcancel', onEnd, passive);
  });
  onCleanup(() => {
    window.removeEventListener('touchstart', onStart);
    window.removeEventListener('touchmove', onMove);
    window.removeEventListener('touchend', onEnd);
    window.removeEventListener('touchcancel', onEnd);
  });
  return pull;
}
