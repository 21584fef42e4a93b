import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guardPresses, isTooEarly, screenEntered } from './pressGuard';

let now = 1000;
const root = { dataset: {} as Record<string, string> };
let listeners: Record<string, (event: object) => void> = {};

beforeEach(() => {
  now = 1000;
  listeners = {};
  vi.useFakeTimers();
  vi.stubGlobal('performance', { now: () => now });
  vi.stubGlobal('document', {
    documentElement: root,
    addEventListener: (kind: string, listener: (event: object) => void) => (listeners[kind] = listener),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Whether a press of this time is held back. */
function isHeld(timeStamp: number, detail = 1): boolean {
  let held = 0;
  listeners.click?.({
    timeStamp,
    detail,
    isTrusted: true,
    preventDefault: () => (held += 1),
    stopImmediatePropagation: () => (held += 1),
  });
  return held === 2;
}

describe('a press', () => {
  it('is ignored for 700 ms after a screen was entered, and counts from then on', () => {
    guardPresses();
    screenEntered();
    for (const [after, early] of [
      [0, true],
      [699, true],
      [700, false],
    ] as const) {
      now = 1000 + after;
      expect(isTooEarly(), `${after} ms`).toBe(early);
      expect(isHeld(now), `a click after ${after} ms`).toBe(early);
      expect(isHeld(now, 0), `a key after ${after} ms`).toBe(false);
    }
  });

  it('is ignored by the time at which the finger came, however late a busy phone tells of it', () => {
    guardPresses();
    now = 3000;
    expect(isHeld(1200)).toBe(true);
    expect(isHeld(1800)).toBe(false);
  });

  it('is not ignored for ever where events have a wrong time', () => {
    guardPresses();
    now = 60_000;
    expect(isHeld(0)).toBe(false);
    expect(isHeld(90_000)).toBe(false);
  });
});

it('the page knows how long it ignores presses', () => {
  guardPresses();
  expect('entered' in root.dataset).toBe(true);
  vi.advanceTimersByTime(700);
  expect('entered' in root.dataset).toBe(false);
});
