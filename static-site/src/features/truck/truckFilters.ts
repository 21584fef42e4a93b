import type { Truck } from '../../api/driver';
import { type Filters, freePair, WEIGHT_VOLUMES, withoutFilter } from '../filters/filters';

/** What a truck can take, as filters; null when the driver has said neither its body nor its size. */
export function filtersOfTruck(truck: Truck | null): Filters | null {
  const filters: Filters = {};
  if (truck?.truck_types.length) filters.truck_types = truck.truck_types.map(String);
  const tonnes = truck?.capacity_kg ? truck.capacity_kg / 1000 : null;
  const cubicMetres = truck?.volume_m3 ?? null;
  const category = WEIGHT_VOLUMES.find((each) => each.tonnes === tonnes && each.cubicMetres === cubicMetres);
  const size = category?.id ?? freePair(tonnes, cubicMetres);
  if (size) filters.weight_volume = size;
  return Object.keys(filters).length > 0 ? filters : null;
}

/** The same filters without what they ask of a truck. */
export function withoutTruck(filters: Filters): Filters {
  return withoutFilter(withoutFilter(filters, 'truck_types'), 'weight_volume');
}

/** Whether filters ask for just this of a truck. */
export function isForTruck(filters: Filters, { truck_types = [], weight_volume }: Filters): boolean {
  const sorted = (ids: string[]) => [...ids].sort().join();
  return filters.weight_volume === weight_volume && sorted(filters.truck_types ?? []) === sorted(truck_types);
}
