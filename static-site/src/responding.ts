import { createSignal } from 'solid-js';
import { needsSubscription } from './access';
import { ApiError } from './api';
import { api, driver, refreshAccess, rememberCargo, session } from './app';
import { sharePhone, type Shared } from './contact';
import { t } from './messages';
import { EMPTY_DRAFT, offerOf, refusedFields, type OfferDraft, type OfferErrors } from './offer';
import { dropCargo, isGone, openCargo } from './openedCargos';
import { responses } from './responses';
import { navigate } from './route';
import { haptic } from './telegram';
import { showToast } from './toast';

/** What a driver has typed for each cargo and what is wrong with it. It outlives the screen and a failure to send. */
const [drafts, setDrafts] = createSignal<Record<string, { draft: OfferDraft; errors: OfferErrors }>>({});

export function draftFor(id: string): OfferDraft {
  return drafts()[id]?.draft ?? EMPTY_DRAFT;
}

export function draftErrors(id: string): OfferErrors {
  return drafts()[id]?.errors ?? {};
}

/** Keeps what is typed; what was said about it before no longer counts. */
export function changeDraft(id: string, change: Partial<OfferDraft>): void {
  setDrafts({ ...drafts(), [id]: { draft: { ...draftFor(id), ...change }, errors: {} } });
}

function refuse(id: string, errors: OfferErrors): void {
  setDrafts({ ...drafts(), [id]: { draft: draftFor(id), errors } });
  haptic('error');
}

/** What keeps a response from being sent. */
export type Trouble =
  | { name: 'changed'; was: number | null; now: number | null }
  | { name: 'failed'; error: ApiError }
  | { name: 'phone'; shared: Exclude<Shared, 'confirmed'> };

/** Responding to a cargo: what it is doing, and what stands in its way. `onGone` hears that the cargo is gone. */
export function createResponding(id: string, seenPrice: () => number | null, onGone: (error: ApiError) => void) {
  const [busy, setBusy] = createSignal<'sending' | 'phone' | null>(null);
  const [trouble, setTrouble] = createSignal<Trouble | null>(null);

  /** Sends what is typed, once for any number of taps. False when a field is wrong; the draft knows which. */
  async function send(): Promise<boolean> {
    if (busy()) return true;
    const blocked = trouble();
    // Whoever sends again after the new price was shown agrees to it.
    const price = blocked?.name === 'changed' ? blocked.now : seenPrice();
    const profilePhone = driver()?.phone ?? null;
    const { offer, errors } = offerOf(draftFor(id), profilePhone, price);
    if (Object.keys(errors).length > 0) {
      refuse(id, errors);
      return false;
    }
    setBusy('sending');
    try {
      const response = await api.respond(id, offer);
      setTrouble(null);
      changeDraft(id, EMPTY_DRAFT);
      responses.take([response], true);
      haptic('success');
      showToast(t().respond.sent);
      if (profilePhone === null && offer.phone !== null) rememberPhone(offer.phone);
      return true;
    } catch (reason) {
      return explain(reason instanceof ApiError ? reason : new ApiError('unreadable'), price);
    } finally {
      setBusy(null);
    }
  }

  function explain(error: ApiError, price: number | null): boolean {
    const wrong = refusedFields(error.fields);
    if (Object.keys(wrong).length > 0) {
      refuse(id, wrong);
      return false;
    }
    haptic('error');
    if (error.code === 'response_exists' && error.response) {
      responses.take([error.response], true);
      showToast(t().respond.exists);
    } else if (error.code === 'cargo_changed') {
      setTrouble({ name: 'changed', was: price, now: error.price });
      // The screen is to show the new price as well; if that fails, the trouble has named it.
      openCargo(id).catch(() => undefined);
    } else if (needsSubscription(error)) {
      // What is typed waits until it is paid for.
      rememberCargo();
      void refreshAccess();
      showToast(t().locked.respond);
      navigate({ name: 'subscription' });
    } else if (isGone(error)) {
      onGone(error);
      dropCargo(id);
    } else {
      setTrouble({ name: 'failed', error });
    }
    return true;
  }

  return {
    busy,
    trouble,
    send,

    /** Asks Telegram for the driver's number; whether the profile has it now. */
    async share(): Promise<boolean> {
      if (busy()) return false;
      setBusy('phone');
      const shared = await sharePhone();
      setBusy(null);
      if (shared === 'confirmed') {
        changeDraft(id, { phone: null });
        setTrouble(null);
        return true;
      }
      setTrouble({ name: 'phone', shared });
      haptic('error');
      return false;
    },
  };
}

/** So that the next response takes one tap. Quietly: the response is sent anyway. */
function rememberPhone(phone: string): void {
  api.saveMe({ phone }).then(
    (me) => session.setDriver(me),
    () => undefined,
  );
}
