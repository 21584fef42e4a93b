import { createSignal, Show } from 'solid-js';
import type { GiftRequest } from '../../api/admin';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { dayOf } from '../display';
import { w } from '../messages';
import { hrefOf, replaceRoute } from '../route';
import { Badge, DriverLink, Moment, Opens } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { CommandDialog } from '../ui/Dialog';
import { filtersOf } from '../ui/FilterBar';
import { Reason, Segments } from '../ui/fields';
import { createList } from '../ui/load';

/** What is asked for, in words. */
function wish(row: GiftRequest): string {
  const words = w().requests;
  return row.until ? words.until(dayOf(row.until, true)) : words.gift(w().format.days(row.days ?? 0));
}

const nameOf = (row: GiftRequest): string => row.driver_name ?? String(row.driver_id);

/** Gifts beyond what a role gives alone: an owner confirms or declines them. */
export function RequestsSection() {
  const words = () => w().requests;
  const decided = () => (filtersOf(['decided']).decided === 'true' ? 'true' : 'false');
  const list = createList<GiftRequest>(
    () => 'requests',
    () => ({ decided: decided() }),
  );
  const columns = (): Column<GiftRequest>[] => [
    { title: words().what, plain: true, cell: (row) => <b>{wish(row)}</b> },
    { title: words().driver, cell: (row) => <DriverLink id={row.driver_id} name={row.driver_name} /> },
    { title: words().reason, cell: (row) => row.reason },
    { title: words().askedBy, cell: (row) => <DriverLink id={row.asked_by.id} name={row.asked_by.name} /> },
    { title: words().askedAt, cell: (row) => <Moment at={row.asked_at} /> },
    {
      title: words().decision,
      cell: (row) => (
        <Show
          when={row.decision}
          fallback={
            <Show when={may('confirm_requests')} fallback={<Badge tone="warn">{words().waiting}</Badge>}>
              <div class="actions">
                <Opens
                  text={words().confirm}
                  testId="confirm"
                  main
                  dialog={(close) => <Confirm row={row} onClose={close} onDone={() => list.change(row, null)} />}
                />
                <Opens
                  text={words().decline}
                  testId="decline"
                  danger
                  dialog={(close) => <Decline row={row} onClose={close} onDone={() => list.change(row, null)} />}
                />
              </div>
            </Show>
          }
        >
          {(decision) => (
            <span>
              <Badge tone={decision().confirmed ? 'good' : 'bad'}>
                {decision().confirmed ? words().confirmed : words().declined}
              </Badge>{' '}
              {decision().reason}{' '}
              <span class="small">
                {decision().by.name}, <Moment at={decision().at} />
              </span>
            </span>
          )}
        </Show>
      ),
    },
  ];
  return (
    <>
      <Segments
        label={w().filters}
        value={decided()}
        onChange={(value) => replaceRoute(hrefOf('requests', null, null, { decided: value }))}
        options={[
          ['false', words().waiting],
          ['true', words().decided],
        ]}
      />
      <DataList
        list={list}
        columns={columns()}
        label={w().sections.requests}
        testId="request-row"
        empty={decided() === 'true' ? words().emptyDecided : words().empty}
        file="requests"
      />
    </>
  );
}

interface DialogProps {
  row: GiftRequest;
  onClose: () => void;
  onDone: () => void;
}

function Confirm(props: DialogProps) {
  const words = () => w().requests;
  const what = () => wish(props.row);
  return (
    <CommandDialog
      title={words().confirmTitle}
      text={
        <>
          <p>{words().confirmText(what(), nameOf(props.row))}</p>
          <p class="small">{props.row.reason}</p>
        </>
      }
      submit={words().confirm}
      onClose={props.onClose}
      run={async () => {
        await api.confirmRequest(props.row);
        props.onDone();
        showToast(words().confirmedNow);
      }}
    />
  );
}

function Decline(props: DialogProps) {
  const words = () => w().requests;
  const [reason, setReason] = createSignal('');
  return (
    <CommandDialog
      title={words().declineTitle}
      submit={words().decline}
      danger
      onClose={props.onClose}
      check={() => ({ reason: reason().trim() === '' ? w().reasonMissing : undefined })}
      run={async () => {
        await api.declineRequest(props.row, reason().trim());
        props.onDone();
        showToast(words().declinedNow);
      }}
    >
      {(form) => <Reason value={reason()} onInput={setReason} form={form} focus />}
    </CommandDialog>
  );
}
