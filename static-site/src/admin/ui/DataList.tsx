import { createSignal, For, type JSX, Show } from 'solid-js';
import type { ListPage } from '../../api/admin';
import { asApiError } from '../../api/error';
import { copyText } from '../../platform/clipboard';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { canDownload, download } from '../display';
import { language, w } from '../messages';
import { navigate } from '../route';
import type { List } from './load';
import { Empty, ErrorPanel, errorText, Skeleton } from './States';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => JSX.Element;
  /** Numbers stand under each other. */
  numeric?: boolean;
  /** On a phone this has no label: it says by itself what it is. */
  plain?: boolean;
}

/** Rows as a table; on a phone each is a card. A row with an address opens it, by its first cell for the keyboard. */
export function Rows<Row>(props: {
  columns: Column<Row>[];
  rows: Row[];
  label: string;
  href?: (row: Row) => string | null;
  testId: string;
}) {
  function open(event: MouseEvent, row: Row): void {
    const target = event.target as Element;
    if (target.closest('a, button, input, select, summary') || getSelection()?.toString()) return;
    const href = props.href?.(row);
    if (href) navigate(href);
  }
  return (
    <table class="rows" role="table" aria-label={props.label}>
      <thead role="rowgroup">
        <tr role="row">
          <For each={props.columns}>
            {(column) => (
              <th role="columnheader" scope="col" classList={{ numeric: column.numeric === true }}>
                {column.title}
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody role="rowgroup">
        <For each={props.rows}>
          {(row) => (
            <tr
              role="row"
              data-testid={props.testId}
              classList={{ opens: !!props.href?.(row) }}
              onClick={(event) => open(event, row)}
            >
              <For each={props.columns}>
                {(column, at) => (
                  <td
                    // A card on a phone leaves out what there is nothing of.
                    ref={(cell) => queueMicrotask(() => cell.classList.toggle('blank', cell.textContent === '—'))}
                    role="cell"
                    data-label={column.plain ? undefined : column.title}
                    classList={{ numeric: column.numeric === true }}
                  >
                    <Show
                      when={at() === 0 && props.href?.(row)}
                      fallback={<span class="cell">{column.cell(row)}</span>}
                    >
                      {(href) => (
                        <a class="row-link" href={href()}>
                          {column.cell(row)}
                        </a>
                      )}
                    </Show>
                  </td>
                )}
              </For>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}

interface Props<Row, First extends ListPage<Row>> {
  list: List<Row, First>;
  columns: Column<Row>[];
  label: string;
  href?: (row: Row) => string | null;
  testId: string;
  empty: string;
  /** The name of the file, where the list can be taken away as one. */
  file?: string;
  /** What to do about an empty list. */
  emptyAction?: JSX.Element;
}

/** A list of the server's in all its states. */
export function DataList<Row, First extends ListPage<Row> = ListPage<Row>>(props: Props<Row, First>) {
  const rows = () => props.list.items();
  return (
    <section class="data-list" aria-busy={props.list.loading()}>
      <Show when={props.file && may('export') && (rows()?.length ?? 0) > 0}>
        <Export list={props.list} file={props.file ?? ''} />
      </Show>
      <Show when={(rows()?.length ?? 0) > 0}>
        <Rows
          columns={props.columns}
          rows={rows() ?? []}
          label={props.label}
          testId={props.testId}
          {...(props.href && { href: props.href })}
        />
      </Show>
      <Show when={props.list.loading()}>
        <Skeleton rows={rows() ? 1 : 6} />
      </Show>
      <Show when={props.list.error()}>
        {(error) => (
          <ErrorPanel error={error()} onRetry={() => void (rows() ? props.list.more() : props.list.reload())} />
        )}
      </Show>
      <Show when={!props.list.loading() && !props.list.error()}>
        <Show when={rows()?.length === 0 && !props.list.hasMore()}>
          <Empty text={props.empty}>{props.emptyAction}</Empty>
        </Show>
        <Show when={props.list.hasMore()}>
          <div class="more">
            <Show when={rows()?.length === 0 && props.list.reached()}>
              {(reached) => <p class="small">{w().lookedUntil(reached())}</p>}
            </Show>
            <button class="button" type="button" data-testid="more" onClick={() => void props.list.more()}>
              {w().more}
            </button>
          </div>
        </Show>
      </Show>
    </section>
  );
}

/** Takes the list away as a CSV file; where the web view cannot save files it is copied instead. */
function Export<Row, First extends ListPage<Row>>(props: { list: List<Row, First>; file: string }) {
  const [lines, setLines] = createSignal<number | null>(null);
  async function take(): Promise<void> {
    if (lines() !== null) return;
    setLines(0);
    try {
      const file = await api.csv(props.list.path(), props.list.filters(), language(), setLines);
      if (canDownload()) download(`${props.file}.csv`, file);
      else showToast((await copyText(await file.text())) ? w().csvCopied : w().csvFailed);
    } catch (error) {
      showToast(`${w().csvFailed} ${errorText(asApiError(error))}`);
    } finally {
      setLines(null);
    }
  }
  return (
    <div class="export">
      <button
        class="button button-small"
        type="button"
        data-testid="csv"
        aria-busy={lines() !== null}
        onClick={() => void take()}
      >
        {lines() === null ? (canDownload() ? w().csv : w().csvCopy) : w().csvLines(lines() ?? 0)}
      </button>
    </div>
  );
}
