import { createEffect, createSignal, For, Match, on, Show, Switch } from 'solid-js';
import { createAuthorised } from '../../api/client';
import { type ApiError, asApiError } from '../../api/error';
import type { Answer } from '../../api/types';
import { session } from '../shell/app';
import { dateText, errorText, priceText, routeText } from '../shell/display';
import { t } from '../shell/messages';
import { hrefOf } from '../shell/route';
import { chainWords } from './messages';
import './chains.css';

/** How far a loading may be from the unloading before it, kilometres: at first, and when nothing is there. */
const RADII = [150, 500] as const;
/** What is an estimate is said in hundreds of rubles. */
const STEP_RUB = 100;

type Chain = Answer<'ChainView'>;

const authorised = createAuthorised(() => session);

async function chainsAfter(id: string, radius: number): Promise<Answer<'ChainList'>> {
  return (await authorised(`cargos/${encodeURIComponent(id)}/chains?radius_km=${radius}`)).body as Answer<'ChainList'>;
}

/** Chains of cargos that fit after one. */
export function Chains(props: { id: string }) {
  const [radius, setRadius] = createSignal<number>(RADII[0]);
  const [found, setFound] = createSignal<Answer<'ChainList'> | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);

  async function load(): Promise<void> {
    setFound(null);
    setError(null);
    try {
      setFound(await chainsAfter(props.id, radius()));
    } catch (reason) {
      setError(asApiError(reason));
    }
  }
  createEffect(on(radius, () => void load()));

  return (
    <div role="status" aria-busy={!found() && !error()}>
      <Switch fallback={<p class="small">{t().loading}</p>}>
        <Match when={found()}>
          {(list) => (
            <Show when={list().empty_at} fallback={<p data-testid="chains-unplanned">{chainWords().unplanned}</p>}>
              {(emptyAt) => (
                <Show when={list().items.length > 0} fallback={<None radius={radius()} onWiden={setRadius} />}>
                  <p class="small">
                    {chainWords().from(dateText(emptyAt()))} {list().leads_home && chainWords().leadsHome}
                  </p>
                  <ol>
                    <For each={list().items}>{(chain) => <Item chain={chain} />}</For>
                  </ol>
                </Show>
              )}
            </Show>
          )}
        </Match>
        <Match when={error()}>
          {(failure) => (
            <>
              <p data-testid="chains-failed">
                {failure().code === 'market_unavailable' ? chainWords().unavailable : errorText(failure())}
              </p>
              <button class="button" type="button" onClick={() => void load()}>
                {t().retry}
              </button>
            </>
          )}
        </Match>
      </Switch>
    </div>
  );
}

function None(props: { radius: number; onWiden: (radius: number) => void }) {
  const wider = () => RADII.find((each) => each > props.radius);
  return (
    <>
      <p data-testid="chains-none">{chainWords().none(props.radius)}</p>
      <Show when={wider()}>
        {(radius) => (
          <button class="button" type="button" data-testid="chains-wider" onClick={() => props.onWiden(radius())}>
            {chainWords().wider(radius())}
          </button>
        )}
      </Show>
    </>
  );
}

function Item(props: { chain: Chain }) {
  const words = chainWords();
  const about = () => t().format.rubles(Math.round(props.chain.net_rub / STEP_RUB) * STEP_RUB);
  const perDay = () => t().format.rubles(Math.round(props.chain.per_day_rub / STEP_RUB) * STEP_RUB);
  const emptyText = () => {
    const { deadhead_km, home_km } = props.chain;
    return [words.empty(deadhead_km), home_km && words.home(home_km)].filter(Boolean).join(', ');
  };
  return (
    <li class="chain" data-testid="chain">
      <b>{words.net(about())}</b>
      <span class="small">
        {words.perDay(perDay())} · {emptyText()}
      </span>
      <For each={props.chain.cargos}>
        {(card, nth) => (
          <a href={hrefOf({ name: 'cargo', id: card.id })} data-testid="chain-cargo" data-cargo-id={card.id}>
            <span>{routeText(card)}</span>
            <span class="small">
              {[dateText(props.chain.rides[nth()]?.loading_at ?? null), priceText(card.price_rub)]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </a>
        )}
      </For>
    </li>
  );
}
