import type { DriverResponse, OpenCargo } from '../../api/driver';
import { api, list } from '../shell/app';

type Answer = OpenCargo & { response: DriverResponse | null };

/** After this time an answer that nobody took is not the cargo as it is now. */
const KEPT_MS = 20_000;

let ahead: { id: string; at: number; answer: Promise<Answer> } | null = null;

/** Asks for a cargo while the code of its screen may still be on its way. */
export function askAhead(id: string): void {
  const answer = api.cargo(id, list.find(id)?.price_rub ?? null);
  ahead = { id, at: Date.now(), answer };
  // Who took it meanwhile hears of a failure; who comes later asks anew.
  answer.catch(() => {
    if (ahead?.answer === answer) ahead = null;
  });
}

/** The answer that was asked for ahead, once; otherwise the cargo is asked for now. */
export function cargoNow(id: string): Promise<Answer> {
  const found = ahead?.id === id && Date.now() - ahead.at < KEPT_MS ? ahead.answer : null;
  ahead = null;
  return found ?? api.cargo(id, list.find(id)?.price_rub ?? null);
}
