import { createSignal, For, Show } from 'solid-js';
import type { Decider, ResponseActor, ResponseDetail, ResponseRow } from '../../api/admin';
import { DECIDED_BY, RESPONSE_STATUSES } from '../../api/admin';
import { formatPhone } from '../../ui/format';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { duration, rubles, word } from '../display';
import { w } from '../messages';
import { hrefOf, replaceRoute } from '../route';
import { Badge, DriverLink, Facts, Moment, Opens, Panel } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { CommandDialog } from '../ui/Dialog';
import { Days, FilterBar, filtersOf } from '../ui/FilterBar';
import { Input, Reason, Segments, Select } from '../ui/fields';
import { createList, createLoad } from '../ui/load';
import { ErrorPanel, Skeleton } from '../ui/States';

const FILTERS = ['driver_id', 'status', 'decided_by', 'decider_id', 'cargo_id', 'from', 'until'] as const;
const SPANS = ['7', '30', '90'] as const;

/** How a response stands. */
export function ResponseState(props: { row: { status: string; undone: boolean } }) {
  const words = () => w().responses;
  const tone = () => {
    if (props.row.status === 'accepted' || props.row.status === 'completed') return 'good';
    return props.row.status === 'rejected' ? 'bad' : 'plain';
  };
  return <Badge tone={tone()}>{props.row.undone ? words().undone : word(words().status, props.row.status)}</Badge>;
}

/** Who did something: a name where one is known, else what they are. */
function Who(props: { by: ResponseActor }) {
  const kind = () => word(w().responses.by, props.by.kind);
  return (
    <>
      {props.by.name ?? kind()}
      <Show when={props.by.name || props.by.id}>
        {' '}
        <span class="small">{[props.by.name && kind(), props.by.id].filter(Boolean).join(', ')}</span>
      </Show>
    </>
  );
}

/** Responses of all drivers, or how those who decide on them do. */
export function ResponsesSection() {
  const words = () => w().responses;
  const view = () => (filtersOf(['view']).view === 'deciders' ? 'deciders' : 'list');
  return (
    <>
      <Segments
        label={w().sections.responses}
        value={view()}
        onChange={(value) => {
          replaceRoute(hrefOf('responses', null, null, { view: value === 'list' ? undefined : value }));
        }}
        options={[
          ['list', words().title],
          ['deciders', words().deciders],
        ]}
        testId="responses-view"
      />
      <Show when={view() === 'list'} fallback={<Deciders />}>
        <AllResponses />
      </Show>
    </>
  );
}

function AllResponses() {
  const words = () => w().responses;
  const list = createList<ResponseRow>(
    () => 'responses',
    () => filtersOf(FILTERS),
  );
  const columns = (): Column<ResponseRow>[] => [
    { title: words().route, plain: true, cell: (row) => <b>{row.route}</b> },
    { title: words().state, plain: true, cell: (row) => <ResponseState row={row} /> },
    {
      title: w().payments.driver,
      cell: (row) => <DriverLink id={row.driver_id} name={row.driver_name ?? undefined} />,
    },
    { title: words().price, numeric: true, cell: (row) => rubles(row.price_rub) },
    { title: words().created, cell: (row) => <Moment at={row.created_at} /> },
    {
      title: words().decidedBy,
      cell: (row) => (
        <Show when={row.decided} fallback="—">
          {(done) => <Who by={done().by} />}
        </Show>
      ),
    },
    { title: words().answer, cell: (row) => duration(row.answered_after_s) },
  ];
  return (
    <>
      <FilterBar names={FILTERS} search={{ name: 'driver_id', label: w().driverId }}>
        {(field) => (
          <>
            <Select
              label={words().state}
              {...field('status')}
              options={[
                ['', w().any],
                ...RESPONSE_STATUSES.map((status) => [status, word(words().status, status)] as const),
              ]}
            />
            <Select
              label={words().decidedBy}
              {...field('decided_by')}
              options={[['', w().any], ...DECIDED_BY.map((kind) => [kind, words().by[kind]] as const)]}
            />
            <Input label={words().deciderId} {...field('decider_id')} inputmode="numeric" />
            <Input label={words().cargoId} {...field('cargo_id')} inputmode="numeric" />
            <Days names={['from', 'until']} labels={[w().from, w().until]} field={field} />
          </>
        )}
      </FilterBar>
      <DataList
        list={list}
        columns={columns()}
        label={w().sections.responses}
        href={(row) => hrefOf('responses', row.id)}
        testId="all-response-row"
        empty={words().emptyAll}
        file="responses"
      />
    </>
  );
}

/** Who decided how often, how much of it they accepted, and how long an answer took. */
function Deciders() {
  const words = () => w().responses;
  const [span, setSpan] = createSignal<(typeof SPANS)[number]>('30');
  const list = createList<Decider>(
    () => 'deciders',
    () => ({ days: span() }),
  );
  const columns = (): Column<Decider>[] => [
    {
      title: words().decider,
      plain: true,
      cell: (row) => (
        <span>
          <b>{row.id === null ? words().shippers : (row.name ?? row.id)}</b>
          <Show when={row.name}>
            {' '}
            <span class="small">{row.id}</span>
          </Show>
        </span>
      ),
    },
    { title: words().accepted, numeric: true, cell: (row) => w().format.number(row.accepted) },
    { title: words().rejected, numeric: true, cell: (row) => w().format.number(row.rejected) },
    {
      title: words().share,
      numeric: true,
      cell: (row) => (row.accept_percent === null ? '—' : `${row.accept_percent}\u00a0%`),
    },
    { title: words().undoneCount, numeric: true, cell: (row) => (row.undone ? w().format.number(row.undone) : '—') },
    { title: words().answerMean, numeric: true, cell: (row) => duration(row.answer_s) },
  ];
  return (
    <>
      <Segments
        label={w().overview.span}
        value={span()}
        onChange={setSpan}
        options={SPANS.map((days) => [days, w().format.days(Number(days))] as const)}
      />
      <p class="small">{words().decidersHint}</p>
      <DataList
        list={list}
        columns={columns()}
        label={words().deciders}
        href={({ id }) => {
          const query = id === null ? { decided_by: 'shipper' } : { decider_id: String(id) };
          return hrefOf('responses', null, null, query);
        }}
        testId="decider-row"
        empty={words().emptyDeciders}
        file="dispatchers"
      />
    </>
  );
}

/** A response with all that is known of it. */
export function ResponseScreen(props: { id: string; tab: string | null }) {
  const load = createLoad(() => props.id, api.response);
  return (
    <>
      <Show when={load.error()}>{(error) => <ErrorPanel error={error()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.loading() && !load.data()}>
        <Skeleton />
      </Show>
      <Show when={load.data()}>{(row) => <Detail row={row()} reload={() => void load.reload()} />}</Show>
    </>
  );
}

function Detail(props: { row: ResponseDetail; reload: () => void }) {
  const words = () => w().responses;
  const row = () => props.row;
  const phone = () => {
    const { phone: number, phone_confirmed: confirmed } = row();
    return number ? `${formatPhone(number)}, ${confirmed ? w().driver.confirmed : w().driver.notConfirmed}` : '—';
  };
  return (
    <div class="columns">
      <Panel title={row().route} testId="response-detail" actions={<ResponseState row={row()} />}>
        <Facts
          facts={[
            [words().cargo, `${row().title}, ${row().weight_volume}`],
            [words().cargoId, row().cargo_id],
            [words().price, rubles(row().price_rub)],
            row().own_price_rub !== null && [words().cargoPrice, rubles(row().cargo_price_rub)],
            [w().payments.driver, <DriverLink id={row().driver_id} name={row().driver_name ?? undefined} />],
            [w().driver.phone, phone()],
            !!row().comment && [words().comment, row().comment],
            !!row().reason && [words().reason, row().reason],
            [words().answer, duration(row().answered_after_s), 'answer'],
            row().status === 'sent' && [words().expires, <Moment at={row().expires_at} />],
            row().has_link && [words().link, words().linkMade],
          ]}
        />
        <Show when={may('undo_acceptances') && row().status === 'accepted'}>
          <div class="actions">
            <Opens
              text={words().undo}
              testId="undo-acceptance"
              danger
              dialog={(close) => <Undo row={row()} onClose={close} onDone={props.reload} />}
            />
          </div>
        </Show>
      </Panel>
      <Panel title={words().history}>
        <ul class="entries" data-testid="response-history">
          <For each={row().history}>
            {(step) => (
              <li>
                <div class="entry-head">
                  <b>{word(words().status, step.status)}</b>
                  <Moment at={step.at} />
                </div>
                <p>
                  <Who by={step.by} />
                </p>
              </li>
            )}
          </For>
        </ul>
      </Panel>
    </div>
  );
}

/** Takes an acceptance back; the driver reads why. */
function Undo(props: { row: ResponseDetail; onClose: () => void; onDone: () => void }) {
  const words = () => w().responses;
  const [reason, setReason] = createSignal('');
  return (
    <CommandDialog
      title={words().undoTitle}
      text={<p>{words().undoText}</p>}
      submit={words().undo}
      danger
      onClose={props.onClose}
      check={() => ({ reason: reason().trim() === '' ? w().reasonMissing : undefined })}
      run={async () => {
        await api.undoAcceptance(String(props.row.driver_id), props.row.cargo_id, reason().trim());
        props.onDone();
        showToast(words().undoDone);
      }}
    >
      {(form) => <Reason value={reason()} onInput={setReason} form={form} />}
    </CommandDialog>
  );
}
