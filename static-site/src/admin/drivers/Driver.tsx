import { For, Match, Show, Switch } from 'solid-js';
import type { DriverCard, DriverResponseRow, PaymentRow } from '../../api/admin';
import { asApiError } from '../../api/error';
import { copyText } from '../../platform/clipboard';
import { formatPhone } from '../../ui/format';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { AuditList } from '../audit/Audit';
import { DeliveryList } from '../deliveries/Deliveries';
import { canDownload, download, rubles, word } from '../display';
import { w } from '../messages';
import { paymentColumns } from '../payments/Payments';
import { ResponseState } from '../responses/Responses';
import { hrefOf } from '../route';
import { Badge, DriverLink, Facts, Moment, Opens, Panel } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { createList, createLoad } from '../ui/load';
import { ErrorPanel, errorText, Skeleton } from '../ui/States';
import { fullName, SubscriptionBadge } from './Drivers';
import { DaysDialog, EraseDialog, ReasonDialog } from './dialogs';

const TABS = ['card', 'payments', 'responses', 'deliveries', 'audit'] as const;
type Tab = (typeof TABS)[number];

/** A driver: who, what they may, what was done about them, and what can be. */
export function DriverScreen(props: { id: string; tab: string | null }) {
  const load = createLoad(() => props.id, api.driver);
  const words = () => w().driver;
  const tabs = () =>
    TABS.filter((tab) => (tab === 'payments' ? may('see_payments') : tab === 'audit' ? may('see_audit') : true));
  const tab = (): Tab => tabs().find((each) => each === props.tab) ?? 'card';
  return (
    <>
      <Show when={load.data()}>
        {(card) => (
          <p class="who" data-testid="driver-name">
            <b>{fullName(card().driver)}</b>
            <Show when={card().driver.username}>{(name) => <span class="small">@{name()}</span>}</Show>
            <Show when={card().block}>
              <Badge tone="bad" testId="driver-blocked">
                {w().drivers.blocked}
              </Badge>
            </Show>
            <Show when={card().driver.deleted_at}>
              <Badge tone="bad">{words().deleted}</Badge>
            </Show>
          </p>
        )}
      </Show>
      <nav class="tabs" aria-label={words().tabs}>
        <For each={tabs()}>
          {(each) => (
            <a
              href={hrefOf('drivers', props.id, each === 'card' ? null : each)}
              aria-current={tab() === each ? 'page' : undefined}
              data-testid={`tab-${each}`}
            >
              {words().tab[each]}
            </a>
          )}
        </For>
      </nav>
      <Switch>
        <Match when={tab() === 'card'}>
          <Show when={load.error()}>
            {(error) => <ErrorPanel error={error()} onRetry={() => void load.reload()} />}
          </Show>
          <Show when={load.loading() && !load.data()}>
            <Skeleton />
          </Show>
          <Show when={load.data()}>
            {(card) => <Card card={card()} id={props.id} reload={() => void load.reload()} />}
          </Show>
        </Match>
        <Match when={tab() === 'payments'}>
          <Payments id={props.id} />
        </Match>
        <Match when={tab() === 'responses'}>
          <Responses id={props.id} />
        </Match>
        <Match when={tab() === 'deliveries'}>
          <DeliveryList filters={{ driver_id: props.id }} withDriver={false} empty={w().deliveries.emptyDriver} />
        </Match>
        <Match when={tab() === 'audit'}>
          <AuditList filters={{ driver_id: props.id }} />
        </Match>
      </Switch>
    </>
  );
}

function Card(props: { card: DriverCard; id: string; reload: () => void }) {
  const words = () => w().driver;
  const driver = () => props.card.driver;
  const phone = () => {
    const { phone, phone_confirmed } = driver();
    return phone ? `${formatPhone(phone)}, ${phone_confirmed ? words().confirmed : words().notConfirmed}` : '—';
  };
  return (
    <div class="columns">
      <Panel
        title={words().subscription}
        testId="driver-subscription"
        actions={<SubscriptionBadge state={props.card.subscription.state} />}
      >
        <Facts
          facts={[
            [words().until, <Moment at={props.card.subscription.expires_at} withYear />, 'expires-at'],
            [words().daysLeft, w().format.days(props.card.subscription.days_left), 'days-left'],
            !!props.card.subscription.source && [words().source, word(words().sources, props.card.subscription.source)],
          ]}
        />
        <Show when={may('change_subscriptions') && !driver().deleted_at}>
          <div class="actions">
            <Opens
              text={words().gift}
              testId="gift"
              main
              dialog={(close) => (
                <DaysDialog kind="gift" id={props.id} name={fullName(driver())} onClose={close} onDone={props.reload} />
              )}
            />
            <Opens
              text={words().extend}
              testId="extend"
              dialog={(close) => (
                <DaysDialog
                  kind="extend"
                  id={props.id}
                  name={fullName(driver())}
                  onClose={close}
                  onDone={props.reload}
                />
              )}
            />
            <Opens
              text={words().revoke}
              testId="revoke"
              danger
              dialog={(close) => (
                <DaysDialog
                  kind="revoke"
                  id={props.id}
                  name={fullName(driver())}
                  onClose={close}
                  onDone={props.reload}
                />
              )}
            />
          </div>
        </Show>
        <Show when={props.card.ledger.length > 0}>
          <h3>{words().ledger}</h3>
          <ul class="entries" data-testid="ledger">
            <For each={props.card.ledger}>
              {(entry) => (
                <li>
                  <div class="entry-head">
                    <b>{w().format.signedDays(entry.days)}</b>
                    <span>{word(words().sources, entry.source)}</span>
                  </div>
                  <Show when={entry.reason}>{(reason) => <p>{reason()}</p>}</Show>
                  <p class="small">
                    <Moment at={entry.at} /> → {words().until.toLowerCase()} <Moment at={entry.ends_at} withYear />
                    <Show when={entry.by}>
                      {(by) => (
                        <>
                          {' '}
                          · <DriverLink id={by()} name={entry.name ?? undefined} />
                        </>
                      )}
                    </Show>
                  </p>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Panel>
      <Panel title={words().features} testId="driver-features">
        <Facts
          facts={props.card.features.map(({ feature, allowed, rule }) => [
            word(words().feature, feature),
            <span class="feature">
              <Badge tone={allowed ? 'good' : 'bad'}>{allowed ? words().allowed : words().denied}</Badge>
              <span class="small">{word(words().rules, rule)}</span>
            </span>,
            `feature-${feature}`,
          ])}
        />
      </Panel>
      <Panel title={words().profile}>
        <Facts
          facts={[
            [words().telegramId, String(driver().id)],
            [words().phone, phone()],
            [words().company, driver().company ?? '—'],
            [words().email, driver().email ?? '—'],
            [words().language, driver().language ?? '—'],
            [words().bot, driver().unreachable ? w().drivers.unreachable : words().reachable],
            [words().since, <Moment at={driver().created_at} />],
            [words().seen, <Moment at={driver().seen_at} />],
            !!driver().deleted_at && [words().deletedAt, <Moment at={driver().deleted_at} />],
          ]}
        />
      </Panel>
      <Panel title={words().access} testId="driver-access">
        <Facts
          facts={[
            [
              words().session,
              props.card.session
                ? props.card.session.by_link
                  ? words().sessionByLink
                  : words().sessionByTelegram
                : words().noSession,
              'session',
            ],
            !!props.card.session?.signed_in_at && [words().signedIn, <Moment at={props.card.session?.signed_in_at} />],
            !!props.card.session && [words().sessionUntil, <Moment at={props.card.session?.expires_at} />],
            !!props.card.block && [words().blockReason, props.card.block?.reason, 'block-reason'],
            !!props.card.block && [
              words().blockedBy,
              <>
                <DriverLink id={props.card.block?.by ?? ''} name={props.card.block?.name} />,{' '}
                <Moment at={props.card.block?.at} />
              </>,
            ],
          ]}
        />
        <div class="actions">
          <Show when={may('block_drivers')}>
            <Show when={props.card.session}>
              <Opens
                text={words().endSession}
                testId="end-session"
                dialog={(close) => (
                  <ReasonDialog
                    title={words().endSessionTitle}
                    text={words().endSessionText}
                    submit={words().endSession}
                    onClose={close}
                    run={async (reason) => {
                      await api.endSession(props.id, reason);
                      props.reload();
                      showToast(words().sessionEnded);
                    }}
                  />
                )}
              />
            </Show>
            <Show when={!driver().deleted_at}>
              <Opens
                text={words().revokeLink}
                testId="revoke-link"
                dialog={(close) => (
                  <ReasonDialog
                    title={words().revokeLinkTitle}
                    text={words().revokeLinkText}
                    submit={words().revokeLink}
                    onClose={close}
                    run={async (reason) => {
                      await api.revokeLink(props.id, reason);
                      props.reload();
                      showToast(words().linkRevoked);
                    }}
                  />
                )}
              />
            </Show>
            <Show
              when={props.card.block}
              fallback={
                <Opens
                  text={words().block}
                  testId="block"
                  danger
                  dialog={(close) => (
                    <ReasonDialog
                      danger
                      title={words().blockTitle(fullName(driver()))}
                      text={words().blockText}
                      submit={words().block}
                      onClose={close}
                      run={async (reason) => {
                        await api.block(props.id, true, reason);
                        props.reload();
                        showToast(words().blockedNow);
                      }}
                    />
                  )}
                />
              }
            >
              <Opens
                text={words().unblock}
                testId="unblock"
                dialog={(close) => (
                  <ReasonDialog
                    title={words().unblockTitle(fullName(driver()))}
                    submit={words().unblock}
                    onClose={close}
                    run={async (reason) => {
                      await api.block(props.id, false, reason);
                      props.reload();
                      showToast(words().unblockedNow);
                    }}
                  />
                )}
              />
            </Show>
          </Show>
          <Show when={may('export')}>
            <button
              class="button button-small"
              type="button"
              data-testid="export"
              onClick={() => void exportAll(props.id)}
            >
              {words().exportAll}
            </button>
          </Show>
          <Show when={may('delete_drivers') && !driver().deleted_at}>
            <Opens
              text={words().erase}
              testId="erase"
              danger
              dialog={(close) => (
                <EraseDialog id={props.id} name={fullName(driver())} onClose={close} onDone={props.reload} />
              )}
            />
          </Show>
        </div>
      </Panel>
    </div>
  );
}

/** What the law lets a driver ask for: all that is stored of them. */
async function exportAll(id: string): Promise<void> {
  const words = w().driver;
  try {
    const text = JSON.stringify(await api.exportDriver(id), null, 2);
    if (canDownload()) download(`driver-${id}.json`, new Blob([text], { type: 'application/json' }));
    showToast(canDownload() ? words.exported : (await copyText(text)) ? words.exportCopied : w().copyFailed);
  } catch (error) {
    showToast(errorText(asApiError(error)));
  }
}

function Payments(props: { id: string }) {
  const list = createList<PaymentRow>(
    () => 'payments',
    () => ({ driver_id: props.id }),
  );
  return (
    <DataList
      list={list}
      columns={paymentColumns(false)}
      label={w().sections.payments}
      href={(row) => hrefOf('payments', row.id)}
      testId="payment-row"
      empty={w().payments.emptyDriver}
    />
  );
}

/** Whether the driver asked for another price than the cargo's. */
function isRepriced(row: DriverResponseRow): boolean {
  return row.own_price_rub !== null && row.own_price_rub !== row.cargo_price_rub;
}

/** Takes an acceptance back; the driver reads why. */
function UndoAcceptance(props: {
  id: string;
  row: DriverResponseRow;
  change: (old: DriverResponseRow, next: DriverResponseRow | null) => void;
}) {
  const words = () => w().responses;
  const undo = async (reason: string) => {
    props.change(props.row, await api.undoAcceptance(props.id, props.row.cargo_id, reason));
    showToast(words().undoDone);
  };
  return (
    <Show when={may('undo_acceptances') && props.row.status === 'accepted'} fallback="—">
      <Opens
        text={words().undo}
        testId="undo-acceptance"
        danger
        dialog={(close) => (
          <ReasonDialog
            danger
            title={words().undoTitle}
            text={words().undoText}
            submit={words().undo}
            onClose={close}
            run={undo}
          />
        )}
      />
    </Show>
  );
}

function Responses(props: { id: string }) {
  const words = () => w().responses;
  const list = createList<DriverResponseRow>(
    () => `drivers/${encodeURIComponent(props.id)}/responses`,
    () => ({}),
  );
  const columns = (): Column<DriverResponseRow>[] => [
    { title: words().route, plain: true, cell: (row) => <b>{row.route}</b> },
    { title: words().state, plain: true, cell: (row) => <ResponseState row={row} /> },
    { title: words().price, numeric: true, cell: (row) => rubles(row.price_rub) },
    { title: words().cargoPrice, numeric: true, cell: (row) => (isRepriced(row) ? rubles(row.cargo_price_rub) : '—') },
    { title: words().reason, cell: (row) => row.reason ?? '—' },
    { title: words().created, cell: (row) => <Moment at={row.created_at} /> },
    { title: words().updated, cell: (row) => <Moment at={row.updated_at} /> },
    { title: words().cargo, cell: (row) => row.cargo_id },
    {
      title: words().undo,
      plain: true,
      cell: (row) => <UndoAcceptance id={props.id} row={row} change={list.change} />,
    },
  ];
  return (
    <DataList
      list={list}
      columns={columns()}
      label={words().title}
      href={(row) => hrefOf('responses', row.id)}
      testId="response-row"
      empty={words().empty}
    />
  );
}
