import { Show } from 'solid-js';
import { respondWords } from '../responses/messages';
import { Notice } from '../shell/Notice';
import { goToList } from '../shell/route';
import { cargoWords } from './messages';

/** A cargo that nobody offers any more, and whether a response to it stays on the phone for that reason. */
export function CargoGone(props: { notSent?: boolean }) {
  return (
    <Notice testId="cargo-gone" title={cargoWords().goneTitle} text={cargoWords().goneText}>
      <Show when={props.notSent}>
        <p class="trouble" data-testid="respond-gone">
          {respondWords().gone}
        </p>
      </Show>
      <button class="button button-main" type="button" data-testid="to-list" onClick={goToList}>
        {cargoWords().toList}
      </button>
    </Notice>
  );
}
