import { onCleanup, onMount, Show, type JSX } from 'solid-js';
import { t } from '../messages';
import { goBack } from '../route';
import { hasBackButton, setBackButton } from '../telegram';
import { Icon } from './Icon';

/** The top of every screen but the list: its title, which takes the focus, and the way back. */
export function ScreenHeader(props: { title: string; children?: JSX.Element }) {
  let heading!: HTMLHeadingElement;
  onMount(() => {
    setBackButton(goBack);
    heading.focus({ preventScroll: true });
  });
  onCleanup(() => setBackButton(null));
  return (
    <header class="screen-header">
      <Show when={!hasBackButton()}>
        <button class="icon-button" type="button" data-testid="back" aria-label={t().back} onClick={goBack}>
          <Icon name="back" />
        </button>
      </Show>
      <h1 tabindex="-1" ref={heading}>
        {props.title}
      </h1>
      {props.children}
    </header>
  );
}
