import { describe, expect, it } from 'vitest';
import { hoursBetween, navigators } from './way';

describe('the time between two stops', () => {
  it('is counted in whole hours', () => {
    expect(hoursBetween('2026-11-25T08:00:00', '2026-11-28T06:10:00')).toBe(70);
    // A false zone, as CargoTech writes it, changes nothing.
    expect(hoursBetween('2026-11-25T08:00:00Z', '2026-11-25T20:00:00')).toBe(12);
  });

  it('is not known without two times in order', () => {
    expect(hoursBetween('2026-11-25', '2026-11-28T06:00:00')).toBeNull();
    expect(hoursBetween('2026-11-25T08:00:00', null)).toBeNull();
    expect(hoursBetween('2026-11-25T08:00:00', '2026-11-24T08:00:00')).toBeNull();
  });
});

it('hands an address to every navigator as it is', () => {
  const address = 'Казань, ул. Тэцевская, 1 & 2';
  for (const { url } of navigators(address)) expect(decodeURIComponent(url)).toContain(address);
  expect(navigators(address)[0]?.url).toMatch(/^geo:0,0\?q=/);
});
