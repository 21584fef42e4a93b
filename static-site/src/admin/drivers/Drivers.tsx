import { Show } from 'solid-js';
import type { DriverRow } from '../../api/admin';
import { formatPhone } from '../../ui/format';
import { word } from '../display';
import { w } from '../messages';
import { hrefOf } from '../route';
import { Badge, Moment, type Tone } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { Days, FilterBar, filtersOf } from '../ui/FilterBar';
import { createList } from '../ui/load';

const FILTERS = ['q', 'from', 'until'] as const;

export function fullName(driver: { first_name: string; last_name: string | null }): string {
  return [driver.first_name, driver.last_name].filter(Boolean).join(' ') || w().drivers.nameless;
}

export function subscriptionTone(state: string): Tone {
  return state === 'active' ? 'good' : state === 'trial' ? 'warn' : 'plain';
}

export function SubscriptionBadge(props: { state: string }) {
  return <Badge tone={subscriptionTone(props.state)}>{word(w().drivers.subscription, props.state)}</Badge>;
}

/** Drivers, by whatever the caller can say of themselves. */
export function DriversSection() {
  const words = () => w().drivers;
  const list = createList<DriverRow>(
    () => 'drivers',
    // Who is looked for by name is found whenever they came.
    () => filtersOf(filtersOf(['q']).q ? ['q'] : FILTERS),
  );
  const columns = (): Column<DriverRow>[] => [
    {
      title: words().name,
      plain: true,
      cell: (row) => (
        <span>
          <b>{fullName(row)}</b>
          <Show when={row.username}>{(name) => <span class="small"> @{name()}</span>}</Show>
        </span>
      ),
    },
    {
      title: words().state,
      plain: true,
      cell: (row) => (
        <span class="badges">
          <SubscriptionBadge state={row.subscription.state} />
          <Show when={row.blocked}>
            <Badge tone="bad">{words().blocked}</Badge>
          </Show>
          <Show when={row.unreachable}>
            <Badge tone="warn">{words().unreachable}</Badge>
          </Show>
        </span>
      ),
    },
    { title: words().until, cell: (row) => <Moment at={row.subscription.expires_at} withYear /> },
    { title: words().phone, cell: (row) => (row.phone ? formatPhone(row.phone) : '—') },
    { title: words().id, cell: (row) => row.id },
    { title: words().since, cell: (row) => <Moment at={row.created_at} /> },
    { title: words().seen, cell: (row) => <Moment at={row.seen_at} /> },
  ];
  return (
    <>
      <FilterBar names={FILTERS} search={{ name: 'q', label: words().search }}>
        {(field) => <Days names={['from', 'until']} labels={[words().sinceFrom, words().sinceUntil]} field={field} />}
      </FilterBar>
      <DataList
        list={list}
        columns={columns()}
        label={w().sections.drivers}
        href={(row) => hrefOf('drivers', row.id)}
        testId="driver-row"
        empty={Object.keys(filtersOf(FILTERS)).length > 0 ? words().notFound : words().empty}
        file="drivers"
      />
    </>
  );
}
