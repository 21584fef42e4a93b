import { type JSX, onMount, Show } from 'solid-js';
import { hasBackButton } from '../../platform/telegram';
import { Icon } from '../../ui/Icon';
import { t } from './messages';
import { goBack } from './route';

/** The top of every screen but the list: its title, which takes the focus, and the way back. */
export function ScreenHeader(props: { title: string; children?: JSX.Element }) {
  let heading!: HTMLHeadingElement;
  onMount(() => heading.focus({ preventScroll: true }));
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
