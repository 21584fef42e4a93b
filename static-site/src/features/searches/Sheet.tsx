import { type Accessor, createSignal, createUniqueId, type JSX, onCleanup, onMount } from 'solid-js';
import { setBackButton } from '../../platform/telegram';
import { Icon } from '../../ui/Icon';
import { goBack, navigate, type Route, route } from '../shell/route';
import { searchWords } from './messages';
import './sheet.css';

/** Whether a sheet is open, and what opens it: as an entry of its own in the history, so that back closes it. */
export function createSheet(): [Accessor<boolean>, () => void] {
  const [over, setOver] = createSignal<Route | null>(null);
  return [
    () => over() === route(),
    () => {
      navigate({ ...route() });
      setOver(route());
    },
  ];
}

/** A sheet at the bottom, over a screen that waits. Back, Escape and a tap beside it close it. */
export function Sheet(props: { title: string; children: JSX.Element }) {
  const id = createUniqueId();
  let dialog!: HTMLDialogElement;
  let heading!: HTMLHeadingElement;
  onMount(() => {
    // The list has no way back of its own.
    setBackButton(goBack);
    // Old web views have no dialogs; there the screen behind it does not wait.
    if (dialog.showModal) dialog.showModal();
    else dialog.setAttribute('open', '');
    heading.focus();
  });
  onCleanup(() => dialog.close?.());
  return (
    <dialog
      class="sheet"
      aria-labelledby={id}
      data-testid="sheet"
      ref={dialog}
      onCancel={(event) => {
        event.preventDefault();
        goBack();
      }}
      onClick={(event) => event.target === dialog && goBack()}
    >
      <div class="sheet-body">
        <div class="sheet-head">
          <h2 id={id} tabindex="-1" ref={heading}>
            {props.title}
          </h2>
          <button class="icon-button" type="button" aria-label={searchWords().close} onClick={goBack}>
            <Icon name="close" />
          </button>
        </div>
        {props.children}
      </div>
    </dialog>
  );
}
