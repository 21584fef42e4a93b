import { createSignal, Show } from 'solid-js';
import { fetchLostStyles } from '../shell/lazyScreen';
import { t } from '../shell/messages';
import { chainWords } from './messages';

const [part, setPart] = createSignal<typeof import('./Chains') | null>(null);

/** What to take after a cargo; asked for when the driver opens it. */
export function ChainsPart(props: { id: string }) {
  const [opened, setOpened] = createSignal(false);
  const [failed, setFailed] = createSignal(false);

  function load(): void {
    setOpened(true);
    setFailed(false);
    if (part()) return;
    fetchLostStyles()
      .then(() => import('./Chains'))
      .then(setPart, () => setFailed(true));
  }

  return (
    <details
      class="panel disclosure"
      data-testid="chains"
      onToggle={(event) => event.currentTarget.open && !opened() && load()}
    >
      <summary data-testid="chains-open">{chainWords().title}</summary>
      <Show when={opened() && part()} keyed fallback={<p class="small">{failed() ? '' : t().loading}</p>}>
        {({ Chains }) => <Chains id={props.id} />}
      </Show>
      <Show when={failed()}>
        <p>{chainWords().failed}</p>
        <button class="button" type="button" onClick={load}>
          {t().retry}
        </button>
      </Show>
    </details>
  );
}
