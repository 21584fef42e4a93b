import { createSignal, For, Show } from 'solid-js';
import type { AuditRow, Filters } from '../../api/admin';
import { word } from '../display';
import { language, w } from '../messages';
import { hrefOf } from '../route';
import { Badge, DriverLink, Facts, Id, Json, Moment, type Tone } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { Dialog } from '../ui/Dialog';
import { Days, FilterBar, filtersOf } from '../ui/FilterBar';
import { Input, Select } from '../ui/fields';
import { createList } from '../ui/load';

const FILTERS = [
  'request_id',
  'kind',
  'outcome',
  'actor_id',
  'driver_id',
  'target',
  'people',
  'from',
  'until',
] as const;

/** The audit log, filtered. */
export function AuditSection() {
  const words = () => w().audit;
  return (
    <>
      <FilterBar names={FILTERS} search={{ name: 'request_id', label: words().search }}>
        {(field) => (
          <>
            <Select label={words().kind} {...field('kind')} options={menu(words().kinds)} />
            <Select label={words().outcome} {...field('outcome')} options={menu(outcomesOf(field('kind').value))} />
            <Select
              label={words().whose}
              {...field('people')}
              options={[
                ['', words().everybody],
                ['true', words().people],
              ]}
            />
            <Input label={words().actorId} {...field('actor_id')} inputmode="numeric" />
            <Input label={w().driverId} {...field('driver_id')} inputmode="numeric" />
            <Input label={words().target} {...field('target')} hint={words().targetHint} />
            <Days names={['from', 'until']} labels={[w().from, w().until]} field={field} />
          </>
        )}
      </FilterBar>
      <Show when={filtersOf(['request_id']).request_id}>
        <p class="small following" data-testid="following">
          {words().following}{' '}
          <a class="inline-link" href={hrefOf('audit')}>
            {words().all}
          </a>
        </p>
      </Show>
      <AuditList filters={filtersOf(FILTERS)} />
    </>
  );
}

/** Codes and their words as a menu, in the order of the alphabet. */
function menu(table: Record<string, string>): [string, string][] {
  const sorted = Object.entries(table).sort(([, a], [, b]) => a.localeCompare(b, language()));
  return [['', w().any], ...sorted];
}

/** What can come of a thing of this kind, in the form that agrees with it. */
function outcomesOf(kind: string): Record<string, string> {
  const { outcomes, outcomeOf } = w().audit;
  return Object.fromEntries(Object.entries(outcomes).map(([code, text]) => [code, outcomeOf(kind, code, text)]));
}

/** Who did it: an admin or a dispatcher by name, a shipper or a driver by what they are. */
function By(props: { row: AuditRow }) {
  const kind = (by: NonNullable<AuditRow['by']>) => (by.kind === 'admin' ? '' : `${word(w().responses.by, by.kind)} `);
  return (
    <Show when={props.row.by} fallback={w().audit.system}>
      {(by) => (
        <>
          {kind(by())}
          <Show when={by().id}>{(id) => <DriverLink id={id()} name={by().name} />}</Show>
        </>
      )}
    </Show>
  );
}

function outcomeTone(outcome: string): Tone {
  if (/^(ok|succeeded|sent|accepted|completed|created|changed|given|refunded)$/.test(outcome)) return 'good';
  if (/refus|fail|only|old|invalid|denied|put_aside|lost|error/.test(outcome)) return 'bad';
  return 'plain';
}

/** What came of it, in a form that agrees with what it is about. */
function OutcomeBadge(props: { row: AuditRow }) {
  const text = () => {
    const { kind, outcome } = props.row;
    return w().audit.outcomeOf(kind, outcome, word(w().audit.outcomes, outcome));
  };
  return <Badge tone={outcomeTone(props.row.outcome)}>{text()}</Badge>;
}

/** Rows of the audit log; a tap shows all of one. */
export function AuditList(props: { filters: Filters }) {
  const words = () => w().audit;
  const list = createList<AuditRow>(
    () => 'audit',
    () => props.filters,
  );
  const [open, setOpen] = createSignal<AuditRow | null>(null);
  const columns = (): Column<AuditRow>[] => [
    {
      title: words().kind,
      plain: true,
      cell: (row) => (
        <button class="row-button" type="button" data-testid="audit-open" onClick={() => setOpen(row)}>
          {word(words().kinds, row.kind)}
        </button>
      ),
    },
    { title: words().outcome, plain: true, cell: (row) => <OutcomeBadge row={row} /> },
    { title: words().at, cell: (row) => <Moment at={row.at} /> },
    { title: words().actor, cell: (row) => <By row={row} /> },
    {
      title: words().driver,
      cell: (row) => (row.driver_id ? <DriverLink id={row.driver_id} name={row.driver_name} /> : '—'),
    },
    { title: words().target, cell: (row) => <TargetLink target={row.target} /> },
    {
      title: words().request,
      cell: (row) => (
        <a
          class="inline-link"
          href={hrefOf('audit', null, null, { request_id: row.request_id })}
          data-testid="audit-follow"
          aria-label={words().follow(row.request_id)}
        >
          <code>{row.request_id.slice(0, 8)}</code>
        </a>
      ),
    },
  ];
  return (
    <>
      <DataList
        list={list}
        columns={columns()}
        label={w().sections.audit}
        testId="audit-row"
        empty={words().empty}
        file="audit"
      />
      <Show when={open()} keyed>
        {(row) => <Detail row={row} onClose={() => setOpen(null)} />}
      </Show>
    </>
  );
}

/** The way to what it was done to, where there is one. */
function TargetLink(props: { target: string | null }) {
  const href = () => {
    const [, kind, id] = /^(payment|driver|promo_code|promo-code)\/(.+)$/.exec(props.target ?? '') ?? [];
    if (!kind || !id) return null;
    return hrefOf(kind === 'payment' ? 'payments' : kind === 'driver' ? 'drivers' : 'promo-codes', id);
  };
  const short = () =>
    (props.target && props.target.length > 24 ? `${props.target.slice(0, 22)}…` : props.target) ?? '—';
  return (
    <Show when={href()} fallback={<span class="target">{short()}</span>}>
      {(to) => (
        <a class="inline-link target" href={to()}>
          {short()}
        </a>
      )}
    </Show>
  );
}

function Detail(props: { row: AuditRow; onClose: () => void }) {
  const words = () => w().audit;
  const { row } = props;
  const changed = () => {
    const before = (row.before ?? {}) as Record<string, unknown>;
    const after = (row.after ?? {}) as Record<string, unknown>;
    if (typeof before !== 'object' || typeof after !== 'object') return [];
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
    );
  };
  const text = (value: unknown, name: string) => {
    const one = (value as Record<string, unknown> | null)?.[name];
    return one === undefined ? '—' : typeof one === 'string' ? one : JSON.stringify(one);
  };
  return (
    <Dialog title={word(words().kinds, row.kind)} onClose={props.onClose} testId="audit-detail">
      <Facts
        facts={[
          [words().outcome, <OutcomeBadge row={row} />],
          [words().at, <Moment at={row.at} />],
          [words().actor, <By row={row} />],
          !!row.target && [words().target, row.target],
          !!row.driver_id && [words().driver, <DriverLink id={row.driver_id} name={row.driver_name} />],
          !!row.address && [words().address, row.address],
          !!row.user_agent && [words().agent, row.user_agent],
          [
            words().request,
            <a
              class="inline-link"
              href={hrefOf('audit', null, null, { request_id: row.request_id })}
              onClick={() => props.onClose()}
              data-testid="detail-follow"
            >
              {row.request_id}
            </a>,
          ],
          [words().id, <Id id={row.id} short />],
        ]}
      />
      <Show when={changed().length > 0}>
        <h3>{words().change}</h3>
        <dl class="changes" data-testid="audit-change">
          <For each={changed()}>
            {(name) => (
              <div>
                <dt>{name}</dt>
                <dd>
                  <del>{text(row.before, name)}</del> → <ins>{text(row.after, name)}</ins>
                </dd>
              </div>
            )}
          </For>
        </dl>
      </Show>
      <Json title="JSON" value={row} />
    </Dialog>
  );
}
