import { haptic } from '../../platform/telegram';
import { showToast } from '../../ui/toast';
import { list, saveCargo } from '../shell/app';
import { hideCargo } from './hiding';
import { toolWords } from './toolWords';

/**
 * A card of the list that is pushed to the left is hidden, one that is pushed to the right is put aside. Both can be done
 * without that as well.
 */

/** How far the finger has to come, in CSS pixels. */
const ENOUGH = 96;
/** Nearer to the edge the phone has gestures of its own. */
const EDGE = 24;

let card: HTMLElement | null = null;
let start = { x: 0, y: 0 };
/** Null until it is known whether the page is scrolled instead. */
let isSideways: boolean | null = null;
let moved = 0;

function end(): void {
  if (card) card.style.transform = '';
  card = null;
}

function onStart({ target, touches }: TouchEvent): void {
  const [touch] = touches;
  const found = target instanceof Element ? target.closest<HTMLElement>('[data-testid=cargo-list] .card') : null;
  if (!touch || touches.length > 1 || touch.clientX < EDGE || touch.clientX > innerWidth - EDGE) return end();
  card = found;
  start = { x: touch.clientX, y: touch.clientY };
  isSideways = null;
  moved = 0;
}

function onMove({ touches }: TouchEvent): void {
  const [touch] = touches;
  if (!card || !touch) return;
  const across = touch.clientX - start.x;
  const down = touch.clientY - start.y;
  if (isSideways === null && Math.max(Math.abs(across), Math.abs(down)) > 10) {
    isSideways = Math.abs(across) > 2 * Math.abs(down);
  }
  if (!isSideways) return;
  moved = across;
  card.style.transform = `translateX(${across}px)`;
}

function onEnd(): void {
  const id = card?.dataset.cargoId;
  end();
  if (!id || Math.abs(moved) < ENOUGH) return;
  const cargo = list.find(id);
  if (!cargo) return;
  if (moved < 0) return hideCargo(cargo);
  haptic('selection');
  saveCargo(cargo, true);
  showToast(toolWords().kept);
}

const passive = { passive: true };
document.addEventListener('touchstart', onStart, passive);
document.addEventListener('touchmove', onMove, passive);
document.addEventListener('touchend', onEnd, passive);
document.addEventListener('touchcancel', end, passive);
