import { describe, expect, it } from 'vitest';
import { hrefOf, parseRoute, type Route, routeOfStartParam } from './route';

describe('routes', () => {
  it('survive being a link', () => {
    const routes: Route[] = [
      { name: 'list' },
      { name: 'filters' },
      { name: 'profile' },
      { name: 'edit' },
      { name: 'responses' },
      { name: 'subscription' },
      { name: 'payment', id: 'p1' },
      { name: 'payment', id: 'a/b #ё' },
      { name: 'cargo', id: '29775813464' },
      { name: 'damaged' },
      { name: 'respond', id: '7' },
    ];
    for (const route of routes) expect(parseRoute(hrefOf(route))).toEqual(route);
  });

  it('fall back to the list', () => {
    for (const hash of ['', '#', '#/', '#/nowhere']) expect(parseRoute(hash)).toEqual({ name: 'list' });
  });

  it('say when a link to a cargo or a payment is damaged', () => {
    for (const hash of [
      '#/cargo',
      '#/cargo/',
      '#/cargo/%E0%A4%A',
      '#/cargo/12x',
      '#/cargo/0',
      '#/respond/7%20',
      '#/payment/',
      `#/cargo/${'9'.repeat(21)}`,
    ]) {
      expect(parseRoute(hash), hash).toEqual({ name: 'damaged' });
    }
    for (const parameter of ['cargo_', 'cargo_12x34', 'payment_'])
      expect(routeOfStartParam(parameter)).toEqual({ name: 'damaged' });
  });

  it('come from a start parameter that names a cargo or the responses', () => {
    expect(routeOfStartParam('cargo_12345')).toEqual({ name: 'cargo', id: '12345' });
    expect(routeOfStartParam('payment_p-1')).toEqual({ name: 'payment', id: 'p-1' });
    expect(routeOfStartParam('subscription')).toEqual({ name: 'subscription' });
    expect(routeOfStartParam('responses')).toEqual({ name: 'responses' });
    for (const other of [null, '', 'promo_1']) expect(routeOfStartParam(other)).toBeNull();
  });
});
