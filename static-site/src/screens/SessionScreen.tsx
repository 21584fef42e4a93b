import { Show } from 'solid-js';
import { Notice } from '../components/Notice';
import { t } from '../messages';
import type { ClosedReason } from '../session';
import { closeApp, openTelegramLink } from '../telegram';

/** The app cannot go on by itself: one button opens it anew from the bot. */
export function SessionScreen(props: { reason: ClosedReason; appUrl: string | null }) {
  const words = (): [string, string] => {
    const { session } = t();
    return {
      outside: [session.outsideTitle, session.outsideText],
      expired: [session.expiredTitle, session.expiredText],
      refused: [session.refusedTitle, session.refusedText],
      replaced: [session.replacedTitle, session.replacedText],
      signed_out: [session.signedOutTitle, session.signedOutText],
    }[props.reason] as [string, string];
  };
  function open(event: MouseEvent): void {
    if (!openTelegramLink(props.appUrl ?? '')) return;
    event.preventDefault();
    closeApp();
  }
  return (
    <main class="screen screen-centred">
      <Notice testId={`session-${props.reason}`} title={words()[0]} text={words()[1]}>
        <Show when={props.appUrl}>
          {(url) => (
            <a class="button button-main" data-testid="reopen" href={url()} target="_top" onClick={open}>
              {t().session.open}
            </a>
          )}
        </Show>
      </Notice>
    </main>
  );
}
