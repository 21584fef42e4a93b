import type { Schemas } from './schema';

/** The server writes every property, also the empty ones, which openapi.yaml leaves out of `required`. */
type Complete<T> = T extends object ? { [Key in keyof T]-?: Complete<T[Key]> } : T;

/** What the server answers by this schema of openapi.yaml. */
export type Answer<Name extends keyof Schemas> = Complete<Schemas[Name]>;

/** `T`, some properties of which have fewer values than openapi.yaml says. */
export type Narrow<T, Known extends { [Key in keyof Known]: Key extends keyof T ? T[Key] : never }> = Omit<
  T,
  keyof Known
> &
  Known;

export type { Schemas };

export type Language = 'ru' | 'en';

export type SubscriptionState = 'none' | 'trial' | 'active' | 'expired';

/** `created` means that nobody knows yet whether YooKassa has it. */
export type PaymentStatus =
  | 'created'
  | 'pending'
  | 'waiting_for_capture'
  | 'succeeded'
  | 'canceled'
  | 'refused'
  | 'lost';

export type ReceiptState = 'pending' | 'succeeded' | 'canceled';

export type ResponseStatus = Answer<'Status'>;

/** A page of a list; `cursor` leads to the next one and is null at the end. */
export interface Page<Row> {
  items: Row[];
  cursor: string | null;
}
