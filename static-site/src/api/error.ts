import type { DriverResponse, Feature } from './driver';
import type { Answer } from './types';

/** What the server says of a request that it refuses, as far as that concerns the request. */
export type Problem = Partial<Omit<Answer<'Problem'>, 'request_id'>> & { request_id?: string | null };

export type FieldError = Answer<'FieldError'>;

/**
 * A request that did not succeed. `code` is the server's, or `offline` (the phone has no network), `network` (no answer)
 * or `unreadable` (an answer that is not ours, as from a captive portal).
 */
export class ApiError extends Error {
  readonly requestId: string | null;
  readonly fields: FieldError[];
  /** The link that opens the app from the bot. */
  readonly appUrl: string | null;
  /** The response that stands in the way of this one. */
  readonly response: DriverResponse | null;
  /** The cargo's price now, when it is another one than the driver saw. */
  readonly price: number | null;
  /** What would have to be paid for. */
  readonly feature: Feature | null;
  /** Who was accepted for the cargo, and which choice that is, for a shipper who would accept one more. */
  readonly taken: { names: string[]; choices: number } | null;

  constructor(
    readonly code: string,
    readonly status = 0,
    problem: Problem = {},
    /** Seconds after which a repeat makes sense. */
    readonly retryAfter: number | null = null,
  ) {
    super(code);
    const { accepted, choices, response } = problem;
    this.requestId = problem.request_id ?? null;
    this.fields = problem.errors ?? [];
    this.appUrl = problem.app_url ?? null;
    this.response = (response as DriverResponse | null | undefined) ?? null;
    this.price = problem.price_rub ?? null;
    this.feature = problem.feature ?? null;
    this.taken = choices == null ? null : { names: accepted ?? [], choices };
  }
}

/** Whatever was thrown as an error of the API; what is none has broken on an answer. */
export function asApiError(reason: unknown): ApiError {
  return reason instanceof ApiError ? reason : new ApiError('unreadable');
}
