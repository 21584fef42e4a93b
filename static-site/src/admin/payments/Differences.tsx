import { createSignal, Show } from 'solid-js';
import type { Difference } from '../../api/admin';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { word } from '../display';
import { w } from '../messages';
import { hrefOf, replaceRoute } from '../route';
import { Id, Moment, Opens } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { CommandDialog } from '../ui/Dialog';
import { filtersOf } from '../ui/FilterBar';
import { Reason, Segments } from '../ui/fields';
import { createList } from '../ui/load';

/** Where YooKassa's books and ours differ. */
export function DifferencesSection() {
  const words = () => w().differences;
  const resolved = () => (filtersOf(['resolved']).resolved === 'true' ? 'true' : 'false');
  const list = createList<Difference>(
    () => 'differences',
    () => ({ resolved: resolved() }),
  );
  const columns = (): Column<Difference>[] => [
    { title: words().what, cell: (row) => <b>{word(words().kinds, row.what)}</b>, plain: true },
    { title: words().reason, cell: (row) => words().times(word(words().reasons, row.reason), row.met), plain: true },
    { title: words().found, cell: (row) => <Moment at={row.found_at} /> },
    { title: words().seen, cell: (row) => <Moment at={row.seen_at} /> },
    { title: words().yookassaId, cell: (row) => <Id id={row.yookassa_id} short /> },
    {
      title: words().payment,
      cell: (row) => (
        <Show when={row.payment_id} fallback="—">
          {(id) => (
            <a class="inline-link" href={hrefOf('payments', id())}>
              {words().open}
            </a>
          )}
        </Show>
      ),
    },
    {
      title: words().resolution,
      cell: (row) => (
        <Show
          when={row.resolved}
          fallback={
            <Show when={may('recheck_payments')} fallback="—">
              <Opens
                text={words().resolve}
                testId="resolve"
                dialog={(close) => <Resolve row={row} onClose={close} onDone={() => list.change(row, null)} />}
              />
            </Show>
          }
        >
          {(done) => (
            <span>
              {done().note}{' '}
              <span class="small">
                ({done().name}, <Moment at={done().at} />)
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
        value={resolved()}
        onChange={(value) => replaceRoute(hrefOf('differences', null, null, { resolved: value }))}
        options={[
          ['false', words().unresolved],
          ['true', words().resolvedOnes],
        ]}
      />
      <DataList
        list={list}
        columns={columns()}
        label={w().sections.differences}
        testId="difference-row"
        empty={resolved() === 'true' ? words().emptyResolved : words().empty}
      />
    </>
  );
}

function Resolve(props: { row: Difference; onClose: () => void; onDone: () => void }) {
  const [note, setNote] = createSignal('');
  return (
    <CommandDialog
      title={w().differences.resolveTitle}
      text={w().differences.resolveText}
      submit={w().differences.resolve}
      onClose={props.onClose}
      check={() => ({ note: note().trim() === '' ? w().reasonMissing : undefined })}
      run={async () => {
        await api.resolve(props.row.id, note().trim());
        props.onDone();
        showToast(w().differences.done);
      }}
    >
      {(form) => <Reason label={w().differences.note} name="note" value={note()} onInput={setNote} form={form} />}
    </CommandDialog>
  );
}
