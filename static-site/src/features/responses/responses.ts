import { createEffect, createRoot, on } from 'solid-js';
import type { DriverResponse } from '../../api/driver';
import { RESPONSES_COPY } from '../../platform/personal';
import { foreground, haptic } from '../../platform/telegram';
import { showToast } from '../../ui/toast';
import { api, online, sessionState, storage } from '../shell/app';
import { t } from '../shell/messages';
import { known, setKnown } from './known';
import { respondWords } from './messages';
import { createResponseStore } from './responseStore';

/** The driver's responses. Loading this module starts to keep them true. */
export const responses = createResponseStore({
  fetchPage: api.responses,
  known,
  setKnown,
  storage,
  copyKey: RESPONSES_COPY,
  watched: () => sessionState().name === 'active' && online() && !document.hidden,
  onDecided,
});

createRoot(() => createEffect(on([online, foreground, () => sessionState().name], () => responses.wake())));

function onDecided({ status, cargo }: DriverResponse): void {
  const accepted = status === 'accepted';
  haptic(accepted ? 'success' : 'error');
  showToast(respondWords()[accepted ? 'accepted' : 'rejected'](t().format.place(cargo.route, null)));
}
