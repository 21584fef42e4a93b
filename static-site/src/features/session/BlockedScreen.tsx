import { session } from '../shell/app';
import { t } from '../shell/messages';
import { Notice } from '../shell/Notice';
import { SupportLink } from '../shell/SupportLink';
import { blocked } from './messages';

/** An admin keeps the driver out: who can help, and a look whether that is over. */
export function BlockedScreen(props: { supportUrl: string | null }) {
  return (
    <main class="screen screen-centred">
      <Notice testId="blocked" title={blocked().title} text={blocked().text}>
        <SupportLink url={props.supportUrl} />
        <button class="button" type="button" data-testid="blocked-retry" onClick={() => void session.start()}>
          {t().retry}
        </button>
      </Notice>
    </main>
  );
}
