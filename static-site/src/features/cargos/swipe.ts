import { haptic } from '../../platform/telegram';
import { showToast } from '../../ui/toast';
import { list, saveCargo } from '../shell/app';
import { hideCargo } from './hiding';
import { toolWords } from './toolWords';

/**
 * A card of the list that is pushed to the left is hidden, one that is pushed to the right is put aside. Both can be done
 * without that as well.
 */

/** How much of its width a card has to be pushed. */
const ENOUGH = 1 / 3;
/** A finger that moves less still wants to press. */
const SLACK_PX = 16;
/** Nearer to the edge the phone has gestures of its own. */
const EDGE_PX = 24;

let card: HTMLElement | null = null;
let start = { x: 0, y: 0 };
/** Null until it is known whether the page is scrolled instead. */
let isSideways: boolean | null = null;
let moved = 0;

function isEnough(): boolean {
  return !!card && Math.abs(moved) >= card.offsetWidth * ENOUGH;
}

/** Puts the card back in its place, from where it glides unless the phone asks for less motion (listTools.css). */
function end(): void {
  if (card) {
    card.style.transform = '';
    delete card.parentElement?.dataset.push;
  }
  card = null;
  moved = 0;
}

function onStart({ target, touches }: TouchEvent): void {
  end();
  const [touch] = touches;
  const found = target instanceof Element ? target.closest<HTMLElement>('[data-testid=cargo-list] .card') : null;
  if (!touch || touches.length > 1 || touch.clientX < EDGE_PX || touch.clientX > innerWidth - EDGE_PX) return;
  card = found;
  start = { x: touch.clientX, y: touch.clientY };
  isSideways = null;
}

function onMove({ touches }: TouchEvent): void {
  const [touch] = touches;
  if (!card || !touch) return;
  const across = touch.clientX - start.x;
  const down = touch.clientY - start.y;
  if (isSideways === null && Math.max(Math.abs(across), Math.abs(down)) > SLACK_PX) {
    isSideways = Math.abs(across) > 2 * Math.abs(down);
  }
  if (!isSideways) return;
  moved = across;
  card.style.transform = `translateX(${across}px)`;
  // What comes to light beside the card says what letting go will do.
  const row = card.parentElement;
  if (row) Object.assign(row.dataset, { push: isEnough() ? 'enough' : 'short', ...toolWords().push });
}

function onEnd(event: TouchEvent): void {
  const cargo = card?.dataset.cargoId && isEnough() ? list.find(card.dataset.cargoId) : null;
  const isLeft = moved < 0;
  // No press comes of it.
  if (card && isSideways && event.cancelable) event.preventDefault();
  end();
  if (!cargo) return;
  if (isLeft) return hideCargo(cargo);
  haptic('selection');
  saveCargo(cargo, true);
  showToast(toolWords().kept);
}

const passive = { passive: true };
document.addEventListener('touchstart', onStart, passive);
document.addEventListener('touchmove', onMove, passive);
document.addEventListener('touchend', onEnd);
document.addEventListener('touchcancel', end, passive);
