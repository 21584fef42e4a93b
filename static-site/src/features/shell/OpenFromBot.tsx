import { Show } from 'solid-js';
import { closeApp, openTelegramLink } from '../../platform/telegram';
import { sessionWords } from '../session/messages';

/** Leads to the bot, which opens the app anew; nothing while the bot's address is not known. */
export function OpenFromBot(props: { appUrl: string | null }) {
  function open(event: MouseEvent): void {
    if (!openTelegramLink(props.appUrl ?? '')) return;
    event.preventDefault();
    closeApp();
  }
  return (
    <Show when={props.appUrl}>
      {(url) => (
        <a class="button button-main" data-testid="reopen" href={url()} target="_top" onClick={open}>
          {sessionWords().open}
        </a>
      )}
    </Show>
  );
}
