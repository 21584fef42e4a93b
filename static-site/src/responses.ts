import { createEffect, createRoot, on } from 'solid-js';
import type { DriverResponse } from './api/driver';
import { api, online, sessionState, storage } from './app';
import { known, RESPONSES_COPY, setKnown } from './known';
import { t } from './messages';
import { createResponseStore } from './responseStore';
import { foreground, haptic } from './telegram';
import { showToast } from './toast';

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
  showToast(t().responses[accepted ? 'accepted' : 'rejected'](cargo.route));
}
