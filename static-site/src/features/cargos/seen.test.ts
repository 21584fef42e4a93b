import { expect, it } from 'vitest';
import { seen, setSeen, withSeen } from './seen';

it('remembers what was opened last, each once, and no more than 500', () => {
  setSeen(Array.from({ length: 500 }, (_, at) => String(at)));
  const next = withSeen('7');
  expect([next.length, next[0], next.filter((id) => id === '7').length]).toEqual([500, '7', 1]);
  const more = withSeen('new');
  expect([more.length, more[0], more.includes('499')]).toEqual([500, 'new', false]);
  expect(seen()[0]).toBe('0');
});
