/**
 * A presumed double tap does nothing: what is pressed right after the screen has changed was meant for what stood there before.
 */

/** How long after a change a press is ignored. */
const GUARD_MS = 700;
/** What is said to be older than this has a wrong time of its own: some web views count from elsewhere. */
const OLDEST_PRESS_MS = 10_000;

let until = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells that another screen, or a question, has come under the finger. Call it when it stands there. */
export function screenEntered(): void {
  until = performance.now() + GUARD_MS;
  // What ignores a press does not look pressed either (base.css).
  document.documentElement.dataset.entered = '';
  clearTimeout(timer);
  timer = setTimeout(() => delete document.documentElement.dataset.entered, GUARD_MS);
}

/** Whether a press came too early. `at` is its own time: a busy phone hands it over late. */
export function isTooEarly(at = performance.now()): boolean {
  const now = performance.now();
  return now < until || (at < until && now - at >= 0 && now - at < OLDEST_PRESS_MS);
}

/** Holds early presses back from everything on the page; once, when it starts. */
export function guardPresses(): void {
  screenEntered();
  document.addEventListener(
    'click',
    (event) => {
      // Keys do not slip, and who works with them is fast.
      const byKey = event.isTrusted && event.detail === 0;
      if (byKey || !isTooEarly(event.timeStamp)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
}
