import type { Truck } from '../../api/driver';
import { choices } from '../shell/app';
import { t } from '../shell/messages';

/** `20 т · 82 м³ · тент`, of what is known; empty when nothing of it is. */
export function truckText(truck: Truck | null): string {
  if (!truck) return '';
  const names = choices('truck-types')?.filter(({ id }) => truck.truck_types.includes(id)) ?? [];
  const { tonnes, cubicMetres, type } = t().format;
  const parts = [
    truck.capacity_kg !== null && tonnes(truck.capacity_kg / 1000),
    truck.volume_m3 !== null && cubicMetres(truck.volume_m3),
    ...names.map(({ name }) => type(name)),
  ];
  return parts.filter(Boolean).join(' · ');
}
