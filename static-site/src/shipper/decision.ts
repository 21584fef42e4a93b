import { ApiError, send, type ResponseStatus } from '../api';

/** A driver's response as its shipper may see it. */
export interface ShipperView {
  status: ResponseStatus;
  cargo: { title: string; route: string; weight_volume: string; price: string; from_date: string | null; to_date: string | null };
  /** The phone is there once the response is accepted. */
  driver: { name: string; phone: string | null };
  comment: string | null;
  /** The driver's own price. */
  price_rub: number | null;
  reason: string | null;
  expires_at: string;
}

export interface Decision {
  decision: 'accept' | 'reject';
  reason: string | null;
}

const PATH = 'shipper/response';

/** The token behind the `#` of the link, which reaches no server's log; null when it can be none. */
export function tokenIn(hash: string): string | null {
  const token = hash.replace(/^#/, '');
  return /^[\w.~=-]{1,500}$/.test(token) ? token : null;
}

/** Asks for the response, or sends the decision about it; the same decision may be sent again. */
export async function shipperRequest(token: string, decision?: Decision, request = send): Promise<ShipperView> {
  const headers = { 'x-shipper-token': token };
  const { body } = await request(PATH, decision ? { method: 'POST', headers, body: decision } : { headers });
  return body as ShipperView;
}

export type LinkTrouble = 'invalid' | 'expired' | null;

/** Whether the link itself is of no use, and why. */
export function linkTrouble(error: ApiError): LinkTrouble {
  if (error.status === 410) return 'expired';
  return error.status === 404 ? 'invalid' : null;
}
