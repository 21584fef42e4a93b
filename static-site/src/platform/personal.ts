import type { KeyValue } from './storage';

/** Under which names the phone keeps what belongs to one driver. */
export const FILTERS = 'filters';
/** Filters that wait for an answer. */
export const WANTED = 'wanted';
export const LANGUAGE = 'language';
export const RECENT = 'recent-cities';
export const CAME_FROM = 'paying-for';
/** Whose phone it was at last: a session that ended does not tell that any more. */
export const OWNER = 'owner';
/** That the driver has been on the admin page, and was let in. */
export const ADMIN = 'admin';
/** What the admin page keeps of its own session begins with it. */
export const ADMIN_PREFIX = 'admin.';
/** Copies of what the server told, for the next start or one without a network. */
export const LIST_COPY = 'list';
export const RESPONSES_COPY = 'responses';
export const ACCESS_COPY = 'access';
export const SEARCHES_COPY = 'searches';
/** An order that waits for its answer. */
export const ORDER = 'order';
/** The cargos that were opened, put aside and hidden; and when the driver was here. */
export const SEEN = 'seen';
export const SAVED = 'saved';
export const HIDDEN = 'hidden';
export const VISIT = 'visit';
/** The place that was nearest to the driver, when they asked for what is near. */
export const NEAR = 'near';
/** What the driver's home is called: the server remembers only which settlement it is. */
export const HOME = 'home';
/** Responses that have not left the phone. */
export const OUTBOX = 'outbox';

/** What the server told the driver: it ends with the session. A response that was to be sent waits for the same driver's next one. */
export function forgetSession(storage: KeyValue): void {
  for (const key of [LIST_COPY, RESPONSES_COPY, ACCESS_COPY, SEARCHES_COPY]) storage.remove(key);
}

/** What one driver leaves on the phone must not greet the next. */
export function forgetPersonal(storage: KeyValue): void {
  forgetSession(storage);
  const own = [
    FILTERS,
    WANTED,
    LANGUAGE,
    RECENT,
    CAME_FROM,
    ORDER,
    ADMIN,
    OUTBOX,
    SEEN,
    SAVED,
    HIDDEN,
    VISIT,
    NEAR,
    HOME,
    `${ADMIN_PREFIX}session`,
  ];
  for (const key of own) storage.remove(key);
}
