import { type ApiError, type ResponseStatus, send } from '../api';

/** A driver's response as its shipper may see it. */
export interface ShipperView {
  status: ResponseStatus;
  /** It was accepted, and then that was undone. */
  undone: boolean;
  cargo: {
    title: string;
    route: string;
    weight_volume: string;
    price: string;
    price_rub: number | null;
    from_date: string | null;
    to_date: string | null;
  };
  /** The phone is there once the response is accepted by this link. */
  driver: { name: string; phone: string | null };
  comment: string | null;
  /** The driver's own price. */
  price_rub: number | null;
  /** The price for which the cargo is carried: the driver's own, else the cargo's. */
  agreed_price_rub: number | null;
  reason: string | null;
  expires_at: string;
}

export interface Decision {
  decision: 'accept' | 'reject';
  reason: string | null;
  /** Sent by whoever knows that others were accepted: which choice that was. */
  choices?: number;
}

/** Whether the driver asks for another price than the cargo's. */
export function isRepriced(view: ShipperView): boolean {
  return view.price_rub !== null && view.price_rub !== view.cargo.price_rub;
}

/** Who was accepted for the cargo, and which choice that is. */
export interface Taken {
  names: string[];
  choices: number;
}

/** Whether others have the cargo, so that whoever accepts is asked once more. */
export function takenBy(error: ApiError): Taken | null {
  return error.code === 'cargo_taken' && error.taken ? error.taken : null;
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
