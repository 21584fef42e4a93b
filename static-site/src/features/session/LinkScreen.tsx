import { createSignal, onMount, Show } from 'solid-js';
import type { LinkRefusal } from '../../platform/session';
import { api, session } from '../shell/app';
import { Notice } from '../shell/Notice';
import { OpenFromBot } from '../shell/OpenFromBot';
import { link } from './messages';

/** An access link would sign out whoever is signed in here: only they can say whether it shall. */
export function LinkQuestion(props: { name: string }) {
  return (
    <main class="screen screen-centred">
      <Notice testId="link-asks" title={link().asksTitle} text={link().asksText(props.name)} small={link().asksHint}>
        <button
          class="button button-main"
          type="button"
          data-testid="link-keep"
          onClick={() => void session.answerLink(false)}
        >
          {link().asksKeep}
        </button>
        <button class="button" type="button" data-testid="link-take" onClick={() => void session.answerLink(true)}>
          {link().asksTake}
        </button>
      </Notice>
    </main>
  );
}

/** An access link opened nothing: why, and the one way on. */
export function LinkScreen(props: { reason: LinkRefusal; appUrl: string | null }) {
  const [found, setFound] = createSignal<string | null>(null);
  // Not every refusal names the bot.
  onMount(async () => {
    if (props.appUrl === null) setFound(await api.appUrl().catch(() => null));
  });
  return (
    <main class="screen screen-centred">
      <Notice
        testId={`link-${props.reason}`}
        title={props.reason === 'over' ? link().overTitle : link().invalidTitle}
        text={props.reason === 'over' ? link().overText : link().invalidText}
      >
        <Show when={session.token() !== null} fallback={<OpenFromBot appUrl={props.appUrl ?? found()} />}>
          <button class="button button-main" type="button" data-testid="go-on" onClick={() => void session.start()}>
            {link().goOn}
          </button>
        </Show>
      </Notice>
    </main>
  );
}
