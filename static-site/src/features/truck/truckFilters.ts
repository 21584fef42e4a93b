import type { Truck } from '../../api/driver';
import { type Filters, withoutFilter } from '../filters/filters';
import { filtersOfSizes, sizesOf } from '../filters/sizes';

/** What a truck can take, as filters; null when the driver has said neither its body nor its size. */
export function filtersOfTruck(truck: Truck | null): Filters | null {
  const tonnes = truck?.capacity_kg ? truck.capacity_kg / 1000 : undefined;
  const filters = filtersOfSizes({
    tonnes: [undefined, tonnes],
    cubicMetres: [undefined, truck?.volume_m3 ?? undefined],
  });
  if (truck?.truck_types.length) filters.truck_types = truck.truck_types.map(String);
  return Object.keys(filters).length > 0 ? filters : null;
}

/** The same filters without what they ask of a truck. */
export function withoutTruck(filters: Filters): Filters {
  return withoutFilter(withoutFilter(filters, 'truck_types'), 'weight_volume');
}

/** Whether filters ask for just this of a truck. */
export function isForTruck(filters: Filters, own: Filters): boolean {
  const asked = (of: Filters) => JSON.stringify([sizesOf(of), [...(of.truck_types ?? [])].sort()]);
  return asked(filters) === asked(own);
}
