import { session } from '../shell/app';
import { language, t } from '../shell/messages';
import { Notice } from '../shell/Notice';
import { SupportLink } from '../shell/SupportLink';

const ru = {
  title: 'Доступ закрыт',
  text: 'Администратор закрыл вам доступ к приложению. Причину подскажет поддержка. Подписка, если она есть, сохраняется.',
};

const en: typeof ru = {
  title: 'Access is closed',
  text: 'An administrator closed the app for you. The reason is not shown here: write to support, they will look into it. A subscription, if there is one, stays.',
};

/** An admin keeps the driver out: who can help, and a look whether that is over. */
export function BlockedScreen(props: { supportUrl: string | null }) {
  const words = () => (language() === 'en' ? en : ru);
  return (
    <main class="screen screen-centred">
      <Notice testId="blocked" title={words().title} text={words().text}>
        <SupportLink url={props.supportUrl} />
        <button class="button" type="button" data-testid="blocked-retry" onClick={() => void session.start()}>
          {t().retry}
        </button>
      </Notice>
    </main>
  );
}
