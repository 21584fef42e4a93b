import type { Links, Me } from '../../api/driver';
import { requestPhone } from '../../platform/telegram';
import { api, session } from '../shell/app';

/** How a request for the driver's number ended; `late` when it was shared and has not reached the server. */
export type Shared = 'confirmed' | 'refused' | 'late';

/** The number goes to the bot, and from there to the server: that takes a moment, and may fail. */
const LOOKS = 10;
const LOOK_MS = 1000;

/** Asks Telegram for the driver's number and waits until the profile has it. Call it from a tap. */
export async function sharePhone(): Promise<Shared> {
  if (!(await requestPhone())) return 'refused';
  for (let at = 0; at < LOOKS; at += 1) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const me: (Me & { links: Links }) | null = await api.me().catch(() => null);
    if (me?.phone && me.phone_confirmed) {
      session.setDriver(me);
      return 'confirmed';
    }
  }
  return 'late';
}
