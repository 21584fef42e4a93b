import { createEffect, createSignal, For, Match, on, Show, Switch } from 'solid-js';
import type { Term, Worth as WorthAnswer } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import { parseLocalDate } from '../../ui/format';
import { isGone } from '../cargos/openedCargos';
import { api, driver, filters } from '../shell/app';
import { t } from '../shell/messages';
import { hrefOf } from '../shell/route';
import { truckWords } from '../truck/messages';
import type { Tax } from '../truck/truckDraft';
import { madeOf } from './madeOf';
import { type TermName, worthWords } from './messages';
import type { WorthProps } from './WorthPart';
import './worth.css';

/** What a cargo leaves the driver, term by term, and what to ask for it. */
export function Worth(props: WorthProps) {
  const [worth, setWorth] = createSignal<WorthAnswer | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);

  async function load(): Promise<void> {
    setError(null);
    try {
      setWorth(await api.worth(props.cargo.id, filters().from_place_id ?? null));
    } catch (reason) {
      setError(asApiError(reason));
    }
  }
  createEffect(
    on(
      () => props.cargo.price_rub,
      () => void load(),
    ),
  );

  return (
    <Show when={!isGone(error())}>
      <section class="panel worth" data-testid="worth" aria-busy={!worth() && !error()}>
        <h2>{worthWords().title}</h2>
        <Switch fallback={<p class="small">{t().loading}</p>}>
          <Match when={worth()}>
            {(known) => (
              <>
                <Result worth={known()} price={props.cargo.price_rub} />
                <Show when={known().market}>{(market) => <Market market={market()} />}</Show>
                <Terms worth={known()} />
                <Ask worth={known()} price={props.cargo.price_rub} offer={props.offer} />
                <a class="worth-truck" data-testid="worth-truck" href={hrefOf({ name: 'truck' })}>
                  {driver()?.truck ? worthWords().change : worthWords().assumed}
                </a>
              </>
            )}
          </Match>
          <Match when={error()}>
            <p class="worth-failed" role="status" data-testid="worth-failed">
              <span class="small">{worthWords().failed}</span>
              <button class="button" type="button" onClick={() => void load()}>
                {t().retry}
              </button>
            </p>
          </Match>
        </Switch>
      </section>
    </Show>
  );
}

/** A sum as it is named: what is only an estimate, in hundreds of rubles. */
function sumText(rub: number, isEstimate: boolean): string {
  const step = isEstimate ? 100 : 1;
  return t().format.rubles(Math.round(rub / step) * step);
}

/** What is left: in all, per kilometre and per day; or why that is not known. */
function Result(props: { worth: WorthAnswer; price: number | null }) {
  const profit = () => props.worth.profit;
  const isEstimate = () => profit().terms.some(({ estimate }) => estimate);
  const untold = () =>
    (['fuel_empty', 'tax'] as const)
      .filter((name) => profit().terms.some((term) => term.name === name && term.rub === null))
      .map((name) => worthWords().untold[name]);
  return (
    <Show
      when={profit().net_rub !== null}
      fallback={<p>{props.price === null ? worthWords().noPrice : worthWords().noDistance}</p>}
    >
      <p class="worth-net" classList={{ 'worth-loss': (profit().net_rub ?? 0) < 0 }} data-testid="worth-net">
        {isEstimate() ? '≈\u00a0' : ''}
        {worthWords().net(sumText(profit().net_rub ?? 0, isEstimate()))}
      </p>
      <p class="worth-rates">
        <span>{t().format.rublesPerKilometre(profit().per_km_rub ?? 0)}</span>
        <span>{worthWords().perDay(sumText(profit().per_day_rub ?? 0, isEstimate()))}</span>
      </p>
      <Show when={untold().length > 0}>
        <p class="small">{worthWords().without(untold().join(', '))}</p>
      </Show>
    </Show>
  );
}

/** What similar cargos pay, and how this one pays beside them. */
function Market(props: { market: NonNullable<WorthAnswer['market']> }) {
  const rate = (rub: number) => t().format.rublesPerKilometre(rub);
  const usual = () => {
    const { count, p25, median_per_km_rub, p75 } = props.market;
    return worthWords().usual(count, rate(median_per_km_rub), rate(p25), rate(p75));
  };
  return (
    <p class="worth-market" data-testid="worth-market">
      <Show when={props.market.percent !== null}>{worthWords().beside(props.market.percent ?? 0)}</Show>
      <span class="small">{usual()}</span>
    </p>
  );
}

/** Every term, and their sum. */
function Terms(props: { worth: WorthAnswer }) {
  return (
    <details class="disclosure">
      <summary data-testid="worth-details">{worthWords().details}</summary>
      <dl class="worth-terms" data-testid="worth-terms">
        <For each={props.worth.profit.terms}>{(term) => <TermRow term={term} trip={props.worth.trip} />}</For>
        <Show when={props.worth.profit.net_rub !== null}>
          <div class="worth-total">
            <dt>{worthWords().total}</dt>
            <dd>{worthWords().kopecks(props.worth.profit.net_rub ?? 0)}</dd>
          </div>
        </Show>
      </dl>
    </details>
  );
}

function TermRow(props: { term: Term; trip: WorthAnswer['trip'] }) {
  const rub = () => props.term.rub;
  return (
    <div>
      <dt>{worthWords().names[props.term.name as TermName]}</dt>
      <dd classList={{ small: rub() === null }}>
        {rub() === null ? worthWords().notKnown : worthWords().kopecks(rub() ?? 0)}
      </dd>
      <For each={[factorsText(props.term, props.trip), sourceText(props.term)].filter(Boolean)}>
        {(text) => <dd class="small">{text}</dd>}
      </For>
    </div>
  );
}

/** What a term is made of, or what is missing for it; empty where there is nothing to say. */
function factorsText(term: Term, trip: WorthAnswer['trip']): string {
  const words = worthWords();
  const truck = driver()?.truck ?? null;
  if (term.name === 'fuel_empty' && trip.empty_km === null) return words.whereFrom;
  if (term.name === 'tax') return truck?.tax ? truckWords().taxes[truck.tax as Tax] : words.whichTaxes;
  const factors = madeOf(term, trip, truck);
  if (!factors) return '';
  if (factors.kind === 'fuel') return words.fuel(factors.km, factors.litres, factors.price);
  if (factors.kind === 'way') return words.way(factors.km, factors.rate);
  return words.days(factors.days, factors.rate);
}

/** Where a rate comes from, since when it holds, and whether it is only an estimate. */
function sourceText({ rub, source, as_of, estimate }: Term): string {
  if (rub === null) return '';
  const words = worthWords();
  const known: Record<string, string> = words.sources;
  const day = parseLocalDate(as_of);
  const named = known[source] ?? source;
  const dated = day ? words.since(named, `${t().format.shortDate(day)} ${day.year}`) : named;
  return estimate ? `${dated} · ${words.estimate}` : dated;
}

/** What to ask for the cargo, for a driver who has said what a day should bring. */
function Ask(props: { worth: WorthAnswer; price: number | null; offer: WorthProps['offer'] }) {
  const ask = () => {
    const least = props.worth.ask_rub;
    return least === null ? null : Math.ceil(least / 100) * 100;
  };
  return (
    <Show when={ask()}>
      {(rub) => (
        <Show
          when={props.price === null || (props.worth.ask_rub ?? 0) > props.price}
          fallback={<p data-testid="worth-ask">{worthWords().enough(t().format.rubles(rub()))}</p>}
        >
          <div class="worth-ask">
            <p>
              <b data-testid="worth-ask">{worthWords().ask(t().format.rubles(rub()))}</b>
              <span class="small">{worthWords().askHint}</span>
            </p>
            <Show when={props.offer}>
              {(offer) => (
                <button class="button" type="button" data-testid="worth-offer" onClick={() => offer()(rub())}>
                  {worthWords().offer}
                </button>
              )}
            </Show>
          </div>
        </Show>
      )}
    </Show>
  );
}
