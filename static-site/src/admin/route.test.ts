import { describe, expect, it } from 'vitest';
import { hrefOf, parseRoute } from './route';

describe('the address of a place', () => {
  it('leads back to it', () => {
    const place = {
      section: 'payments',
      id: 'a/b c',
      tab: 'audit',
      query: { status: 'succeeded', from: '2026-11-01' },
    };
    expect(parseRoute(hrefOf(place.section, place.id, place.tab, place.query))).toEqual(place);
  });

  it('leaves out what is empty', () => {
    expect(hrefOf('drivers', null, null, { q: '' })).toBe('#/drivers');
    expect(hrefOf('drivers', 7)).toBe('#/drivers/7');
    expect(parseRoute('#/drivers')).toEqual({ section: 'drivers', id: null, tab: null, query: {} });
  });

  it('is the beginning when it is mangled or none', () => {
    for (const hash of ['', '#', '#/', '#/%E0%A4%A']) expect(parseRoute(hash).section).toBe('');
  });
});
