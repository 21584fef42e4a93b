import { Show } from 'solid-js';
import { type ListPage, PAYMENT_STATUSES, type PaymentRow, type PaymentTotals } from '../../api/admin';
import type { PaymentStatus } from '../../api/types';
import { rubles, word } from '../display';
import { w } from '../messages';
import { hrefOf } from '../route';
import { Badge, DriverLink, Moment, type Tone } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { Days, FilterBar, filtersOf } from '../ui/FilterBar';
import { Input, Select } from '../ui/fields';
import { createList } from '../ui/load';

const FILTERS = [
  'id',
  'status',
  'plan',
  'driver_id',
  'from',
  'until',
  'paid_from',
  'paid_until',
  'amount_from',
  'amount_until',
] as const;

export function paymentTone(status: PaymentStatus | string): Tone {
  if (status === 'succeeded') return 'good';
  if (status === 'canceled' || status === 'refused' || status === 'lost') return 'bad';
  return 'warn';
}

export function PaymentBadge(props: { status: string }) {
  return <Badge tone={paymentTone(props.status)}>{word(w().payments.status, props.status)}</Badge>;
}

/** The columns of payments; without the driver where it is clear whose they are. */
export function paymentColumns(withDriver: boolean): Column<PaymentRow>[] {
  const words = w().payments;
  const columns: Column<PaymentRow>[] = [
    { title: words.created, cell: (row) => <Moment at={row.created_at} />, plain: true },
    { title: words.state, cell: (row) => <PaymentBadge status={row.status} />, plain: true },
    { title: words.amount, cell: (row) => <b>{rubles(row.amount_rub)}</b>, numeric: true },
    { title: words.refunded, cell: (row) => (row.refunded_rub ? rubles(row.refunded_rub) : '—'), numeric: true },
    { title: words.plan, cell: (row) => row.plan_name },
  ];
  if (withDriver)
    columns.push({ title: words.driver, cell: (row) => <DriverLink id={row.driver_id} name={row.driver_name} /> });
  return columns;
}

/** Payments: found, summed up, taken away as a file. */
export function PaymentsSection() {
  const list = createList<PaymentRow, ListPage<PaymentRow> & { totals?: PaymentTotals | null }>(
    () => 'payments',
    () => filtersOf(FILTERS),
  );
  const words = () => w().payments;
  return (
    <>
      <FilterBar names={FILTERS} search={{ name: 'id', label: words().search }}>
        {(field) => (
          <>
            <Select
              label={words().state}
              {...field('status')}
              options={[['', w().any], ...PAYMENT_STATUSES.map((status) => [status, words().status[status]] as const)]}
            />
            <Input label={words().planId} {...field('plan')} />
            <Input label={w().driverId} {...field('driver_id')} inputmode="numeric" />
            <Days names={['from', 'until']} labels={[w().from, w().until]} field={field} />
            <Days names={['paid_from', 'paid_until']} labels={[words().paidFrom, words().paidUntil]} field={field} />
            <Input label={words().amountFrom} {...field('amount_from')} inputmode="decimal" />
            <Input label={words().amountUntil} {...field('amount_until')} inputmode="decimal" />
          </>
        )}
      </FilterBar>
      <Show when={list.first()?.totals}>
        {(totals) => (
          <p class="totals" data-testid="totals">
            {words().totals(totals().count, rubles(totals().amount_rub))}
            <Show when={totals().refunded_rub > 0}> · {words().totalsRefunded(rubles(totals().refunded_rub))}</Show>
          </p>
        )}
      </Show>
      <DataList
        list={list}
        columns={paymentColumns(true)}
        label={w().sections.payments}
        href={(row) => hrefOf('payments', row.id)}
        testId="payment-row"
        empty={words().empty}
        file="payments"
      />
    </>
  );
}
