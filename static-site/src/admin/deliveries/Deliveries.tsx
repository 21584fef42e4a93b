import { createSignal, Show } from 'solid-js';
import type { Delivery, Filters } from '../../api/admin';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { word } from '../display';
import { w } from '../messages';
import { hrefOf, replaceRoute } from '../route';
import { Badge, DriverLink, Moment, Opens } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { CommandDialog } from '../ui/Dialog';
import { Days, FilterBar, filtersOf } from '../ui/FilterBar';
import { Reason, Segments } from '../ui/fields';
import { createList } from '../ui/load';

/** What a message is; those of which there may be several have a number behind their name. */
function kindText(what: string): string {
  const { kinds } = w().deliveries;
  const text = word(kinds, what);
  return text === what ? word(kinds, what.replace(/-.*/, '')) : text;
}

/** Messages that failed or wait. */
export function DeliveriesSection() {
  const words = () => w().deliveries;
  const state = () => {
    const { state: chosen } = filtersOf(['state']);
    return chosen === 'waiting' || chosen === 'reminders' ? chosen : 'failed';
  };
  /** The days on which they failed; those that wait have none. */
  const days = () => (state() === 'failed' ? filtersOf(['from', 'until']) : {});
  return (
    <>
      <Segments
        label={w().filters}
        value={state()}
        onChange={(value) => replaceRoute(hrefOf('deliveries', null, null, { state: value }))}
        testId="delivery-state"
        options={[
          ['failed', words().states.failed],
          ['waiting', words().states.waiting],
          ['reminders', words().reminders],
        ]}
      />
      <Show when={state() === 'failed'}>
        <FilterBar names={['from', 'until']}>
          {(field) => <Days names={['from', 'until']} labels={[w().from, w().until]} field={field} />}
        </FilterBar>
      </Show>
      <DeliveryList
        filters={{ state: state(), ...days() }}
        withDriver
        empty={
          state() === 'failed'
            ? words().emptyFailed
            : state() === 'waiting'
              ? words().emptyWaiting
              : words().emptyReminders
        }
      />
    </>
  );
}

/** How a message stands; one that should have gone says so. */
function State(props: { row: Delivery }) {
  const words = () => w().deliveries;
  const tones = { waiting: 'warn', sent: 'good', skipped: 'plain', failed: 'bad' } as const;
  return (
    <Show
      when={props.row.overdue}
      fallback={<Badge tone={tones[props.row.state]}>{word(words().states, props.row.state)}</Badge>}
    >
      <Badge tone="bad" testId="overdue">
        {words().overdue}
      </Badge>
    </Show>
  );
}

/** Messages, in the order of their list. */
export function DeliveryList(props: { filters: Filters; withDriver: boolean; empty: string }) {
  const words = () => w().deliveries;
  const list = createList<Delivery>(
    () => 'deliveries',
    () => props.filters,
  );
  const waits = () => props.filters.state === 'waiting' || props.filters.state === 'reminders';
  const columns = (): Column<Delivery>[] => [
    { title: words().what, plain: true, cell: (row) => <b>{kindText(row.what)}</b> },
    { title: words().state, plain: true, cell: (row) => <State row={row} /> },
    { title: words().reason, cell: (row) => word(words().reasons, row.reason) },
    { title: words().attempts, numeric: true, cell: (row) => row.attempts },
    ...(props.withDriver
      ? [
          {
            title: words().driver,
            cell: (row: Delivery) =>
              row.driver_id === null ? '—' : <DriverLink id={row.driver_id} name={row.driver_name} />,
          },
        ]
      : []),
    ...(waits() ? [{ title: words().due, cell: (row: Delivery) => <Moment at={row.due_at} /> }] : []),
    { title: words().created, cell: (row) => <Moment at={row.created_at} /> },
    { title: words().updated, cell: (row) => <Moment at={row.updated_at} /> },
    {
      title: words().action,
      cell: (row) => (
        <Show when={row.state === 'failed' && may('retry_deliveries')} fallback="—">
          <Opens
            text={words().retry}
            testId="delivery-retry"
            dialog={(close) => (
              <Retry
                row={row}
                onClose={close}
                onDone={(next) => list.change(row, props.filters.state === 'failed' ? null : next)}
              />
            )}
          />
        </Show>
      ),
    },
  ];
  return (
    <DataList
      list={list}
      columns={columns()}
      label={w().sections.deliveries}
      testId="delivery-row"
      empty={props.empty}
    />
  );
}

function Retry(props: { row: Delivery; onClose: () => void; onDone: (row: Delivery) => void }) {
  const words = () => w().deliveries;
  const [reason, setReason] = createSignal('');
  return (
    <CommandDialog
      title={words().retryTitle}
      text={
        <p>
          {kindText(props.row.what)}. {word(words().reasons, props.row.reason)}
        </p>
      }
      submit={words().retry}
      onClose={props.onClose}
      check={() => ({ reason: reason().trim() === '' ? w().reasonMissing : undefined })}
      run={async () => {
        props.onDone(await api.retryDelivery(props.row.id, reason().trim()));
        showToast(words().retried);
      }}
    >
      {(form) => <Reason value={reason()} onInput={setReason} form={form} />}
    </CommandDialog>
  );
}
