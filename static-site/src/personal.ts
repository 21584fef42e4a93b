import { ACCESS_COPY, ORDER } from './access';
import { RESPONSES_COPY } from './known';
import type { KeyValue } from './storage';

/** Under which names the phone keeps what belongs to one driver. */
export const FILTERS = 'filters';
export const LANGUAGE = 'language';
export const RECENT = 'recent-cities';
export const CAME_FROM = 'paying-for';
/** That the driver has been on the admin page, and was let in. */
export const ADMIN = 'admin';

/** What one driver leaves on the phone must not greet the next. */
export function forgetPersonal(storage: KeyValue): void {
  for (const key of [FILTERS, LANGUAGE, RECENT, RESPONSES_COPY, ACCESS_COPY, CAME_FROM, ORDER, ADMIN]) storage.remove(key);
}
