import { createMemo, createSignal, For, lazy, Show, Suspense } from 'solid-js';
import type { Overview } from '../../api/admin';
import { api, may } from '../app';
import { rubles, word } from '../display';
import { w } from '../messages';
import { hrefOf } from '../route';
import { Badge, Panel } from '../ui/bits';
import { Segments } from '../ui/fields';
import { createLoad } from '../ui/load';
import { ErrorPanel, Skeleton } from '../ui/States';
import type { Series } from './charts';

/** The chart library comes when the first chart is drawn. */
const Chart = lazy(() => import('./charts'));

const SPANS = ['7', '30', '90'] as const;

interface Tile {
  name: string;
  value: string;
  note?: string | undefined;
  href?: string | undefined;
}

/** How the product does: the numbers, and how they went from day to day. */
export function OverviewSection() {
  const words = () => w().overview;
  const [span, setSpan] = createSignal<(typeof SPANS)[number]>('30');
  const load = createLoad(span, (days) => api.overview(Number(days)));
  return (
    <>
      <Segments
        label={words().span}
        value={span()}
        onChange={setSpan}
        testId="overview-span"
        options={SPANS.map((days) => [days, w().format.days(Number(days))] as const)}
      />
      <Show when={load.error()}>{(error) => <ErrorPanel error={error()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.loading() && !load.data()}>
        <Skeleton rows={8} />
      </Show>
      <Show when={load.data()} keyed>
        {(overview) => <Numbers overview={overview} />}
      </Show>
    </>
  );
}

/** Sums of a record over the days. */
function summed(
  days: Overview['days'],
  pick: (day: Overview['days'][number]) => Record<string, number>,
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const day of days)
    for (const [name, count] of Object.entries(pick(day) ?? {})) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function Numbers(props: { overview: Overview }) {
  const { overview } = props;
  const { totals, subscriptions, days } = overview;
  const words = () => w().overview;
  const number = (value: number) => w().format.number(value);
  const { conversion } = totals;
  /** The days that the numbers are of, as lists are filtered by them. */
  const span = { from: days[0]?.date, until: days[days.length - 1]?.date };
  const paidIn = { paid_from: span.from, paid_until: span.until };
  const ofDrivers = (section: string) => (may('see_drivers') ? hrefOf(section, null, null, span) : undefined);
  const share = () => {
    if (conversion.trials > 0) return `${Math.round((conversion.paid / conversion.trials) * 100)} %`;
    return conversion.too_early > 0 ? words().tooEarly : '—';
  };
  const cohort = () =>
    [
      conversion.trials > 0 && words().conversionOf(conversion.paid, conversion.trials),
      conversion.promo > 0 && words().withPromo(conversion.promo),
      conversion.gift > 0 && words().withGift(conversion.gift),
      conversion.too_early > 0 && words().stillTrial(conversion.too_early),
      conversion.too_early_paid > 0 && words().stillTrialPaid(conversion.too_early_paid),
    ]
      .filter(Boolean)
      .join('; ');
  const tiles = createMemo((): Tile[] => [
    {
      name: words().revenue,
      value: rubles(totals.revenue_rub),
      note: words().paidCount(totals.paid),
      href: may('see_payments') ? hrefOf('payments', null, null, paidIn) : undefined,
    },
    { name: words().refunded, value: rubles(totals.refunded_rub), note: words().refundsCount(totals.refunds) },
    { name: words().driversNew, value: number(totals.drivers_new), href: ofDrivers('drivers') },
    { name: words().conversion, value: share(), note: cohort() },
    {
      name: words().subscriptionsNow,
      value: number(subscriptions.paid),
      note: words().trialNow(subscriptions.trial),
      href: may('see_drivers') ? hrefOf('subscriptions', null, null, { state: 'active' }) : undefined,
    },
    {
      name: words().ending,
      value: number(subscriptions.ending_3_days),
      note: words().ending7(subscriptions.ending_7_days),
    },
    { name: words().responses, value: number(totals.responses), href: ofDrivers('responses') },
    { name: words().deliveriesFailed, value: number(totals.deliveries_failed), href: ofDrivers('deliveries') },
  ]);
  const dates = days.map(({ date }) => date);
  const planName = (id: string) => overview.plans.find((plan) => plan.id === id)?.name ?? id;
  const plans = [
    ...new Set([...overview.plans.map(({ id }) => id), ...days.flatMap((day) => Object.keys(day.revenue_rub ?? {}))]),
  ];
  const revenue = (): Series[] =>
    plans
      .map((id) => ({ name: planName(id), values: days.map((day) => day.revenue_rub?.[id] ?? 0) }))
      .filter(({ values }) => values.some((value) => value > 0));
  const responses = summed(days, (day) => day.responses);
  const payments = summed(days, (day) => day.payments);
  return (
    <>
      <Show when={may('confirm_requests') && overview.requests > 0}>
        <a class="panel waiting" href={hrefOf('requests')} data-testid="requests-wait">
          {words().requestsWait(overview.requests)}
        </a>
      </Show>
      <div class="tiles" data-testid="tiles">
        <For each={tiles()}>
          {(tile) => (
            <Show
              when={tile.href}
              fallback={
                <div class="tile">
                  <TileText tile={tile} />
                </div>
              }
            >
              {(href) => (
                <a class="tile" href={href()}>
                  <TileText tile={tile} />
                </a>
              )}
            </Show>
          )}
        </For>
        <a class="tile" href={hrefOf('health')}>
          <span class="tile-name">CargoTech</span>
          <Badge tone={overview.upstream.state === 'ok' ? 'good' : overview.upstream.state === 'down' ? 'bad' : 'warn'}>
            {word(words().upstream, overview.upstream.state)}
          </Badge>
        </a>
      </div>
      <Suspense fallback={<Skeleton rows={4} />}>
        <div class="columns" data-testid="charts">
          <Panel title={words().revenueByDay}>
            <Chart
              days={dates}
              series={revenue()}
              stacked
              format={(value) => w().format.rubles(value)}
              label={words().revenueByDay}
            />
          </Panel>
          <Panel title={words().driversByDay}>
            <Chart
              days={dates}
              series={[
                { name: words().active, values: days.map((day) => day.drivers_active) },
                { name: words().new, values: days.map((day) => day.drivers_new) },
              ]}
              format={number}
              label={words().driversByDay}
            />
          </Panel>
          <Panel title={words().trialsByDay}>
            <Chart
              days={dates}
              series={[
                { name: words().trials, values: days.map((day) => day.trials) },
                { name: words().conversions, values: days.map((day) => day.came?.paid ?? 0) },
              ]}
              format={number}
              label={words().trialsByDay}
            />
          </Panel>
          <Panel title={words().endingByDay}>
            <Chart
              days={subscriptions.by_day.map(({ date }) => date)}
              series={[
                { name: words().paid, values: subscriptions.by_day.map((day) => day.paid) },
                { name: words().trial, values: subscriptions.by_day.map((day) => day.trial) },
              ]}
              stacked
              format={number}
              label={words().endingByDay}
            />
          </Panel>
          <Panel title={words().responses}>
            <p class="small">{words().eachState}</p>
            <Bars counts={responses} names={w().responses.status} />
          </Panel>
          <Panel title={words().payments}>
            <p class="small">{words().eachState}</p>
            <Bars counts={payments} names={w().payments.status} />
          </Panel>
        </div>
      </Suspense>
    </>
  );
}

function TileText(props: { tile: Tile }) {
  return (
    <>
      <span class="tile-name">{props.tile.name}</span>
      <b class="tile-value">{props.tile.value}</b>
      <Show when={props.tile.note}>
        <span class="small">{props.tile.note}</span>
      </Show>
    </>
  );
}

/** Counts by state, each with a bar as long as its share. */
function Bars(props: { counts: Record<string, number>; names: Record<string, string> }) {
  const most = () => Math.max(1, ...Object.values(props.counts));
  return (
    <Show
      when={Object.values(props.counts).some((count) => count > 0)}
      fallback={<p class="small">{w().overview.nothing}</p>}
    >
      <dl class="bars">
        <For each={Object.entries(props.counts).filter(([, count]) => count > 0)}>
          {([name, count]) => (
            <div>
              <dt>{word(props.names, name)}</dt>
              <dd>
                <meter min="0" max={most()} value={count} aria-hidden="true" />
                {w().format.number(count)}
              </dd>
            </div>
          )}
        </For>
      </dl>
    </Show>
  );
}
