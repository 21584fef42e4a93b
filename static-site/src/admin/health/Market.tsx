import { Show, untrack } from 'solid-js';
import type { Market } from '../../api/admin';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { duration, word } from '../display';
import { w } from '../messages';
import { Badge, Facts, Moment, Opens, Panel, type Tone } from '../ui/bits';
import { CommandDialog } from '../ui/Dialog';

const TONE: Record<Market['state'], Tone> = { off: 'plain', none: 'warn', fresh: 'good', stale: 'bad' };

/** The copy of CargoTech's open cargos: how old and how large it is, and what its last sweep found. */
export function MarketPanel(props: { market: Market; onChange: () => void }) {
  const words = () => w().health.market;
  const refused = () => (props.market.accepted ? null : props.market.refused_size);
  const count = (n: number | null) => (n === null ? '—' : w().health.number(n));
  return (
    <Panel
      title={words().title}
      testId="health-market"
      actions={
        <>
          <Show when={refused() !== null}>
            <Badge tone="warn">{words().refusedBadge}</Badge>
          </Show>
          <Badge tone={TONE[props.market.state]} testId="market-state">
            {word(words().states, props.market.state)}
          </Badge>
        </>
      }
    >
      <Show when={props.market.state !== 'off'} fallback={<p>{words().off}</p>}>
        <Facts
          facts={[
            [words().size, count(props.market.size)],
            [words().swept, <Moment at={props.market.swept_at} />],
            [words().took, duration(props.market.took_s)],
            [
              words().found,
              words().changes(count(props.market.new), count(props.market.changed), count(props.market.gone)),
            ],
            [words().ordered, props.market.ordered === null ? '—' : words().isOrdered(props.market.ordered)],
          ]}
        />
        <Show when={props.market.refused_size !== null}>
          <p data-testid="market-refused">
            {words().refused(count(props.market.refused_size))} {props.market.accepted && words().isAccepted}
          </p>
        </Show>
        <Show when={may('accept_market') && refused() !== null}>
          <div class="actions">
            <Opens
              text={words().accept}
              testId="market-accept"
              danger
              dialog={(close) => <AcceptDialog size={refused()} onChange={props.onChange} onClose={close} />}
            />
          </div>
        </Show>
      </Show>
    </Panel>
  );
}

/** Whatever is found behind it, what is accepted is the size that it named when it was opened. */
function AcceptDialog(props: { size: number | null; onChange: () => void; onClose: () => void }) {
  const words = () => w().health.market;
  const size = untrack(() => props.size) ?? 0;
  return (
    <CommandDialog
      title={words().acceptTitle(w().health.number(size))}
      text={<p>{words().acceptText}</p>}
      submit={words().accept}
      danger
      onClose={props.onClose}
      run={async () => {
        await api.acceptMarket(size);
        props.onChange();
        showToast(words().acceptedToast);
      }}
    />
  );
}
