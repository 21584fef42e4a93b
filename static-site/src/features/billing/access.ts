import { createSignal } from 'solid-js';
import type { Access, Feature } from '../../api/driver';
import type { ApiError } from '../../api/error';

/** The subscription and what it opens, as the server last said; null until it has. */
const [access, setAccess] = createSignal<Access | null>(null);

export { access, setAccess };

/** Whether the driver is known not to have it. The server alone decides; this only saves a useless request. */
export function isLocked(feature: Feature): boolean {
  return access()?.features[feature] === false;
}

/** Whether something is switched on for the driver; what nothing is known of is. */
export function isOn(flag: 'app.respond' | 'app.promo_codes' | 'app.access_link'): boolean {
  return access()?.flags?.includes(flag) ?? true;
}

/** Whether an error says that this has to be paid for. */
export function needsSubscription(error: ApiError | null): boolean {
  return error?.code === 'subscription_required';
}
