import { Show } from 'solid-js';
import type { SubscriptionRow } from '../../api/admin';
import { word } from '../display';
import { SubscriptionBadge } from '../drivers/Drivers';
import { w } from '../messages';
import { hrefOf } from '../route';
import { Moment } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { Days, FilterBar, filtersOf } from '../ui/FilterBar';
import { Select } from '../ui/fields';
import { createList } from '../ui/load';

const FILTERS = ['state', 'from', 'until'] as const;
const STATES = ['trial', 'active', 'expired'] as const;

/** Who has a subscription until when. */
export function SubscriptionsSection() {
  const words = () => w().subscriptions;
  const list = createList<SubscriptionRow>(
    () => 'subscriptions',
    () => filtersOf(FILTERS),
  );
  const columns = (): Column<SubscriptionRow>[] => [
    {
      title: words().driver,
      plain: true,
      cell: (row) => (
        <span>
          <b>{row.driver_name ?? row.driver_id}</b>
          <Show when={row.driver_name}>
            {' '}
            <span class="small">{row.driver_id}</span>
          </Show>
        </span>
      ),
    },
    { title: words().state, plain: true, cell: (row) => <SubscriptionBadge state={row.state} /> },
    { title: words().ends, cell: (row) => <Moment at={row.expires_at} withYear /> },
    { title: words().daysLeft, numeric: true, cell: (row) => row.days_left },
    { title: words().source, cell: (row) => word(w().driver.sources, row.source) },
    { title: words().payments, numeric: true, cell: (row) => row.payments },
  ];
  return (
    <>
      <FilterBar names={FILTERS}>
        {(field) => (
          <>
            <Select
              label={words().state}
              {...field('state')}
              options={[['', w().any], ...STATES.map((state) => [state, w().drivers.subscription[state]] as const)]}
            />
            <Days names={['from', 'until']} labels={[words().endsFrom, words().endsUntil]} field={field} />
          </>
        )}
      </FilterBar>
      <DataList
        list={list}
        columns={columns()}
        label={w().sections.subscriptions}
        href={(row) => hrefOf('drivers', row.driver_id)}
        testId="subscription-row"
        empty={words().empty}
        file="subscriptions"
      />
    </>
  );
}
