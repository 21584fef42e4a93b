import { createEffect, createRoot, on } from 'solid-js';
import type { DriverResponse } from '../../api/driver';
import type { ApiError } from '../../api/error';
import { screenEntered } from '../../platform/pressGuard';
import { randomUuid } from '../../platform/session';
import { foreground, haptic } from '../../platform/telegram';
import { showToast } from '../../ui/toast';
import { needsSubscription } from '../billing/access';
import { dropCargo, isGone, openCargo } from '../cargos/openedCargos';
import { api, driver, online, refreshAccess, rememberCargo, session, sessionState, storage } from '../shell/app';
import { t } from '../shell/messages';
import { navigate, route } from '../shell/route';
import { known } from './known';
import { respondWords } from './messages';
import { refusedFields } from './offer';
import { type Kept, kept, type Stopped, setKept } from './outbox';
import { createOutbox } from './outboxStore';
import { clearDraft, refuseDraft } from './responseDrafts';
import { isOpen } from './responseStore';
import { responses } from './responses';

/** The responses that have not left this phone. Loading this module starts to send them. */
export const outbox = createOutbox({
  kept,
  setKept,
  storage,
  respond: api.respond,
  newKey: randomUuid,
  now: Date.now,
  canSend: () => sessionState().name === 'active' && online(),
  onSent,
  onRefused,
  onDoubt: () => void responses.refresh(),
});

createRoot(() => {
  createEffect(on([online, foreground, () => sessionState().name], () => outbox.wake(), { defer: true }));
  // Its answer was lost, and another question has found it.
  createEffect(
    on(known, (all) => {
      for (const { cargo_id, status } of all) if (isOpen(status) && isInDoubt(cargo_id)) outbox.settle(cargo_id);
    }),
  );
});
const leave = () => document.hidden && outbox.leaveNow();
document.addEventListener('visibilitychange', leave);
// Some web views are closed without ever being hidden.
window.addEventListener('pagehide', () => outbox.leaveNow());

/** Whether nobody knows if a response has arrived. */
function isInDoubt(cargoId: string): boolean {
  return kept().some((each) => each.cargoId === cargoId && each.tried && each.state === 'waiting');
}

/** Whether the driver looks at the cargo that a response is to. */
function isInSight({ cargoId }: Kept): boolean {
  const current = route();
  return (current.name === 'cargo' || current.name === 'respond') && current.id === cargoId;
}

function onSent(entry: Kept, response: DriverResponse): void {
  clearDraft(entry.cargoId);
  responses.take([response], true);
  haptic('success');
  showToast(respondWords().sent);
  if (isInSight(entry)) {
    // Its state stands at the top, and another button where "Cancel" was.
    window.scrollTo(0, 0);
    screenEntered();
  }
  if (driver()?.phone === null && entry.offer.phone !== null) rememberPhone(entry.offer.phone);
}

function onRefused(entry: Kept, error: ApiError): Stopped | null {
  const inSight = isInSight(entry);
  if (inSight) screenEntered();
  haptic('error');
  if (error.code === 'response_exists' && error.response) {
    responses.take([error.response], true);
    showToast(respondWords().exists);
    return null;
  }
  if (needsSubscription(error)) return lock(inSight);
  const wrong = refusedFields(error.fields);
  if (Object.keys(wrong).length > 0) {
    refuseDraft(entry.cargoId, wrong);
    if (route().name === 'cargo' && inSight) navigate({ name: 'respond', id: entry.cargoId });
    if (inSight) return null;
  }
  if (!inSight) showToast(respondWords().notSent(entry.cargo.route));
  if (Object.keys(wrong).length > 0) return { name: 'wrong' };
  if (error.code === 'cargo_changed') {
    // The screen is to show the new price as well; if that fails, what is told has named it.
    openCargo(entry.cargoId).catch(() => undefined);
    return { name: 'changed', was: entry.offer.seen_price_rub || null, now: error.price };
  }
  if (isGone(error)) {
    dropCargo(entry.cargoId);
    return { name: 'gone' };
  }
  return { name: 'failed', code: error.code };
}

/** What is typed waits until it is paid for. */
function lock(inSight: boolean): null {
  void refreshAccess();
  showToast(t().locked.respond);
  if (!inSight) return null;
  rememberCargo();
  navigate({ name: 'subscription' });
  return null;
}

/** So that the next response takes one tap. Quietly: the response is sent anyway. */
function rememberPhone(phone: string): void {
  if (session.isByLink()) return;
  api.saveMe({ phone }).then(
    (me) => session.setDriver(me),
    () => undefined,
  );
}
