import { send } from '../../api/client';
import type { ApiError } from '../../api/error';
import type { Answer, Narrow, Schemas } from '../../api/types';

/** A driver's response as its shipper may see it: the phone is there once it is accepted by this link. */
export type ShipperView = Answer<'ShipperView'>;

/** What a shipper decides; `choices` is sent by whoever knows that others were accepted: which choice that was. */
export type Decision = Narrow<
  Schemas['DecisionBody'],
  { decision: 'accept' | 'reject'; reason: string | null; choices?: number }
>;

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
