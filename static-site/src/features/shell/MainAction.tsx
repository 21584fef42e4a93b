import { children, createEffect, createMemo, type JSX, onCleanup, Show } from 'solid-js';
import { hasBottomButton, setBottomButton } from '../../platform/telegram';
import { t } from './messages';
import './mainAction.css';

interface Props {
  text: string;
  busy?: boolean;
  onPress: () => void;
  /** What belongs to the action and stands above it. */
  children?: JSX.Element;
  /** Smaller buttons beside it. */
  side?: JSX.Element;
}

/** The one main action of a screen: Telegram's main button, or a button at the bottom where there is none. */
export function MainAction(props: Props) {
  const above = children(() => props.children);
  const side = children(() => props.side);
  const telegrams = createMemo(() => hasBottomButton('main'));
  createEffect(
    () => telegrams() && setBottomButton('main', { text: props.text, busy: props.busy === true, press: props.onPress }),
  );
  onCleanup(() => setBottomButton('main', null));
  return (
    <Show when={!telegrams() || above() || side.toArray().some(Boolean)}>
      <div class="main-action">
        {above()}
        <div class="main-row">
          {side()}
          <Show when={!telegrams()}>
            <button
              class="button button-main"
              type="button"
              data-testid="main-action"
              aria-busy={props.busy === true}
              onClick={() => props.busy !== true && props.onPress()}
            >
              <Show when={props.busy} fallback={props.text}>
                <span class="spinner" />
                <span class="visually-hidden">{t().loading}</span>
              </Show>
            </button>
          </Show>
        </div>
      </div>
    </Show>
  );
}
