import { createSignal, Match, Show, Switch } from 'solid-js';
import { asApiError } from '../../api/error';
import { haptic } from '../../platform/telegram';
import { Answers } from '../../ui/Answers';
import { createQuestion } from '../../ui/question';
import { access, needsSubscription } from '../billing/access';
import { isRunning } from '../billing/subscription';
import { cargoWords } from '../cargos/messages';
import { api, refreshAccess, session } from '../shell/app';
import { errorText } from '../shell/display';
import { t } from '../shell/messages';
import { copyAndSay, shareLink } from '../shell/sharing';
import { link } from './messages';

/** The link that opens the app without Telegram. It is asked for only when the driver wants to see it. */
export function AccessLink() {
  const [url, setUrl] = createSignal<string | null>(null);
  const [revoked, setRevoked] = createSignal(false);
  const [asking, ask] = createQuestion();
  const [busy, setBusy] = createSignal(false);
  const [trouble, setTrouble] = createSignal('');
  const runs = () => {
    const known = access();
    return known !== null && isRunning(known.subscription);
  };

  async function run(work: () => Promise<void>, failed: (why: string) => string): Promise<void> {
    if (busy()) return;
    setBusy(true);
    setTrouble('');
    try {
      await work();
    } catch (reason) {
      const error = asApiError(reason);
      haptic('error');
      // It has ended in the meantime; the panel then says what that means.
      if (needsSubscription(error)) await refreshAccess();
      else setTrouble(failed(errorText(error)));
    } finally {
      setBusy(false);
    }
  }

  function show(): void {
    void run(async () => {
      setUrl(await api.accessLink());
      setRevoked(false);
    }, link().notShown);
  }

  function revoke(): void {
    void run(async () => {
      await api.revokeAccessLink();
      setUrl(null);
      ask(false);
      setRevoked(true);
      haptic('success');
    }, link().notRevoked);
  }

  return (
    <Show when={access()}>
      <section class="panel access-link" data-testid="access-link">
        <h2>{link().title}</h2>
        <Switch>
          <Match when={!runs()}>
            <p data-testid="access-link-locked">{link().notNow}</p>
          </Match>
          <Match when={url() === null}>
            <p role="status" data-testid="access-link-state">
              {revoked() ? link().revoked : link().text}
            </p>
            <button class="button" type="button" data-testid="access-link-show" aria-busy={busy()} onClick={show}>
              {revoked() ? link().showNew : link().show}
            </button>
          </Match>
          <Match when={url()}>
            {(shown) => (
              <>
                <p class="access-link-url" data-testid="access-link-url">
                  {shown()}
                </p>
                <p class="banner">{link().warning}</p>
                <p class="small" data-testid="access-link-hint">
                  {session.isByLink() ? link().byLink : link().replaces}
                </p>
                <Show when={asking()} fallback={<Actions url={shown()} onRevoke={() => ask(true)} />}>
                  <div role="group" aria-label={link().revokeQuestion}>
                    <h2>{link().revokeQuestion}</h2>
                    <p class="small">{link().revokeHint}</p>
                    <Answers
                      cancel={t().cancel}
                      yes={link().revokeYes}
                      yesTestId="access-link-revoke-yes"
                      busy={busy()}
                      onCancel={() => ask(false)}
                      onYes={revoke}
                    />
                  </div>
                </Show>
              </>
            )}
          </Match>
        </Switch>
        <Show when={trouble()}>
          <p class="trouble" role="alert" data-testid="access-link-trouble">
            {trouble()}
          </p>
        </Show>
      </section>
    </Show>
  );
}

function Actions(props: { url: string; onRevoke: () => void }) {
  return (
    <>
      <div class="pair">
        <button
          class="button"
          type="button"
          data-testid="access-link-copy"
          onClick={() => void copyAndSay(props.url, cargoWords().linkCopied)}
        >
          {link().copy}
        </button>
        <button
          class="button"
          type="button"
          data-testid="access-link-share"
          onClick={() => void shareLink(props.url, link().title)}
        >
          {link().share}
        </button>
      </div>
      <Show when={!session.isByLink()}>
        <button
          class="button button-danger button-plain"
          type="button"
          data-testid="access-link-revoke"
          onClick={() => props.onRevoke()}
        >
          {link().revoke}
        </button>
      </Show>
    </>
  );
}
