import { locate, type Refusal } from '../../platform/location';
import { openLocationSettings } from '../../platform/telegram';
import { showToast } from '../../ui/toast';
import type { FilterCity } from '../filters/filters';
import { api } from '../shell/app';
import { toolWords } from './toolWords';

/** Kilometres around the driver. */
const NEAR_KM = 50;

/** The place around the driver; or why nobody knows where that is. */
export async function here(): Promise<FilterCity | Refusal> {
  const position = await locate();
  if (typeof position === 'string') return position;
  const [place] = await api.nearest(position.lat, position.lon);
  if (!place) return 'unknown';
  return { id: place.id, type: null, name: place.name, radius: NEAR_KM };
}

/** Says why the driver's place is not known, and what to do. */
export function sayRefused(refusal: Refusal): void {
  if (refusal === 'unknown') return showToast(toolWords().notLocated);
  const open = openLocationSettings();
  showToast(toolWords().refused, open && { text: toolWords().settings, press: open });
}
