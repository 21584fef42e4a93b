import type { Term, Truck, Worth } from '../../api/driver';
import { ASSUMED } from '../truck/truckDraft';

/** What a term is made of: factors in the order in which they are named. */
export type MadeOf =
  | { kind: 'fuel'; km: number; litres: number; price: number }
  | { kind: 'way'; km: number; rate: number }
  | { kind: 'days'; days: number; rate: number };

/** What of a sum one of so many costs, to the kopeck. The answer names no rates. */
function rateOf(rub: number, quantity: number): number {
  return quantity > 0 ? Math.round((Math.abs(rub) / quantity) * 100) / 100 : 0;
}

/** How a term is worked out, where the trip and the truck tell; null for prices and taxes, and for what is not known. */
export function madeOf({ name, rub }: Term, trip: Worth['trip'], truck: Truck | null): MadeOf | null {
  const { loaded_km, empty_km, days } = trip;
  if (rub === null || loaded_km === null) return null;
  const km = loaded_km + (empty_km ?? 0);
  switch (name) {
    case 'fuel':
    case 'fuel_empty': {
      const field = name === 'fuel' ? 'loaded_l_per_100km' : 'empty_l_per_100km';
      const litres = truck?.[field] ?? ASSUMED[field];
      const way = name === 'fuel' ? loaded_km : (empty_km ?? 0);
      return way > 0 ? { kind: 'fuel', km: way, litres, price: rateOf(rub, (way * litres) / 100) } : null;
    }
    case 'platon':
    case 'tolls':
    case 'wear':
      return rub === 0 ? null : { kind: 'way', km, rate: rateOf(rub, km) };
    case 'days':
      return rub === 0 || days === null ? null : { kind: 'days', days, rate: rateOf(rub, days) };
    default:
      return null;
  }
}
