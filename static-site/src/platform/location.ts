import { askTelegramPosition, canAskPosition } from './telegram';

/** A point on the earth, in degrees. */
export interface Position {
  lat: number;
  lon: number;
}

/** Why there is none: it was forbidden, or the phone does not know. */
export type Refusal = 'refused' | 'unknown';

/** What a phone needs under a roof. */
const TIMEOUT_MS = 15_000;
/** A truck is not far from where it was then. */
const OLDEST_MS = 300_000;

/** Where the phone is, from Telegram or else from the browser. Call it from a tap. */
export async function locate(): Promise<Position | Refusal> {
  const told = canAskPosition() ? await askTelegramPosition() : null;
  return told ?? askBrowser();
}

function askBrowser(): Promise<Position | Refusal> {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve('unknown');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude }),
      ({ code, PERMISSION_DENIED }) => resolve(code === PERMISSION_DENIED ? 'refused' : 'unknown'),
      { timeout: TIMEOUT_MS, maximumAge: OLDEST_MS },
    );
  });
}
