import { createSignal } from 'solid-js';
import type { Card } from '../../api/driver';
import { screenEntered } from '../../platform/pressGuard';
import { haptic } from '../../platform/telegram';
import { type Shared, sharePhone } from '../profile/contact';
import { driver } from '../shell/app';
import { routeText } from '../shell/display';
import { offerOf } from './offer';
import { keptFor, type Stopped } from './outbox';
import { changeDraft, draftFor, refuseDraft } from './responseDrafts';
import { outbox } from './sending';

/** What keeps a response from being sent. */
export type Trouble = Stopped | { name: 'phone'; shared: Exclude<Shared, 'confirmed'> };

/** Responding to a cargo: what it is doing, and what stands in its way. */
export function createResponding(cargo: () => Card) {
  const [asking, setAsking] = createSignal(false);
  const [shared, setShared] = createSignal<Trouble | null>(null);
  const trouble = (): Trouble | null => keptFor(cargo().id)?.stopped ?? shared();

  /** Puts what is typed on its way. False when a field is wrong; the draft knows which. */
  function send(): boolean {
    if (asking()) return true;
    const { id, price_rub } = cargo();
    const blocked = trouble();
    // Whoever sends again after the new price was shown agrees to it.
    const price = blocked?.name === 'changed' ? blocked.now : price_rub;
    const { offer, errors } = offerOf(draftFor(id), driver()?.phone ?? null, price);
    if (Object.keys(errors).length > 0) {
      refuseDraft(id, errors);
      haptic('error');
      return false;
    }
    setShared(null);
    outbox.put(id, { route: routeText(cargo()), price_rub: price }, offer);
    // "Cancel" stands where "Respond" was.
    screenEntered();
    return true;
  }

  return {
    /** Whether Telegram is being asked for the driver's number. */
    asking,
    trouble,
    send,

    /** Asks Telegram for the driver's number; whether the profile has it now. */
    async share(): Promise<boolean> {
      if (asking()) return false;
      setAsking(true);
      const answer = await sharePhone();
      setAsking(false);
      if (answer === 'confirmed') {
        changeDraft(cargo().id, { phone: null });
        setShared(null);
        return true;
      }
      setShared({ name: 'phone', shared: answer });
      haptic('error');
      return false;
    },
  };
}
