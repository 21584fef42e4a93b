import { Show } from 'solid-js';
import { openLink, openTelegramLink } from '../../platform/telegram';
import { driver } from './app';
import { t } from './messages';

/** The way to a person who can help; nothing where the server names none. */
export function SupportLink(props: { url?: string | null; class?: string }) {
  return (
    <Show when={props.url ?? driver()?.links.support_url}>
      {(url) => (
        <a
          class={props.class ?? 'button'}
          href={url()}
          rel="noopener"
          target="_blank"
          data-testid="support"
          onClick={(event) => {
            event.preventDefault();
            if (!openTelegramLink(url())) openLink(url());
          }}
        >
          {t().profile.support}
        </a>
      )}
    </Show>
  );
}
