import { For, Show } from 'solid-js';
import type { Health } from '../../api/admin';
import { api } from '../app';
import { duration, word } from '../display';
import { w } from '../messages';
import { Badge, Facts, Moment, Panel, type Tone } from '../ui/bits';
import { createLoad } from '../ui/load';
import { ErrorPanel, Skeleton } from '../ui/States';
import { MarketPanel } from './Market';

const BREAKER_TONE: Record<Health['cargotech']['breaker'], Tone> = { closed: 'good', half_open: 'warn', open: 'bad' };

const JOB_TONE: Record<Health['jobs'][number]['state'], Tone> = {
  ok: 'good',
  late: 'bad',
  failed: 'bad',
  never: 'plain',
};

/** What the product depends on, and how that is. */
export function HealthSection() {
  const load = createLoad(
    () => 0,
    () => api.health(),
  );
  const words = () => w().health;
  return (
    <>
      <div class="actions">
        <button
          class="button button-small"
          type="button"
          data-testid="health-refresh"
          onClick={() => void load.reload()}
        >
          {w().refresh}
        </button>
      </div>
      <Show when={load.error()}>{(error) => <ErrorPanel error={error()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.loading() && !load.data()}>
        <Skeleton />
      </Show>
      <Show when={load.data()}>
        {(health) => (
          <div class="columns">
            <Panel
              title="CargoTech"
              testId="health-cargotech"
              actions={
                <Badge tone={BREAKER_TONE[health().cargotech.breaker]}>
                  {word(words().breaker, health().cargotech.breaker)}
                </Badge>
              }
            >
              <Facts
                facts={[
                  [words().tokenAge, duration(health().cargotech.token_age_s)],
                  [words().budget, `${health().cargotech.budget_used_percent} %`],
                  [
                    words().lastCheck,
                    <Show when={health().cargotech.last_check} fallback="—">
                      {(check) => <LastCheck {...check()} />}
                    </Show>,
                  ],
                ]}
              />
            </Panel>
            <MarketPanel market={health().market} onChange={() => void load.reload()} />
            <Panel title={words().queues}>
              <Facts
                facts={[
                  ...health().queues.map((queue): [string, ReturnType<typeof Badge>] => [
                    word(words().queue, queue.name),
                    <span class="badges">
                      {queue.waiting === null ? words().unknown : words().waiting(queue.waiting, queue.in_flight ?? 0)}
                      <Show when={queue.dead_letters}>
                        <Badge tone="bad">{words().dead(queue.dead_letters ?? 0)}</Badge>
                      </Show>
                    </span>,
                  ]),
                  [words().oldestDelivery, duration(health().oldest.delivery_s)],
                  [words().oldestPayment, duration(health().oldest.payment_s)],
                ]}
              />
            </Panel>
            <Panel title={words().jobs} testId="health-jobs">
              <ul class="entries">
                <For each={health().jobs}>
                  {(job) => (
                    <li>
                      <div class="entry-head">
                        <b>{word(words().job, job.name)}</b>
                        <Badge tone={JOB_TONE[job.state]} testId={`job-${job.name}`}>
                          {word(words().jobState, job.state)}
                        </Badge>
                      </div>
                      <p class="small">
                        {words().lastOk}: <Moment at={job.last_ok} /> · {words().lastStarted}:{' '}
                        <Moment at={job.last_started} />
                      </p>
                      <Show when={job.last_error}>{(error) => <p class="small">{error()}</p>}</Show>
                    </li>
                  )}
                </For>
              </ul>
            </Panel>
            <Panel title={words().secrets}>
              <Facts
                facts={health().secrets.map(({ name, changed_at, old }) => {
                  const age = changed_at === null ? null : (Date.now() - Date.parse(changed_at)) / 1000;
                  return [
                    word(words().secret, name),
                    <span class="badges">
                      {age === null ? words().unknownAge : words().changedAgo(duration(age))}
                      <Show when={old}>
                        <Badge tone="warn">{words().old}</Badge>
                      </Show>
                    </span>,
                  ];
                })}
              />
            </Panel>
          </div>
        )}
      </Show>
    </>
  );
}

function LastCheck(props: { ok: boolean; at: string }) {
  return (
    <>
      <Badge tone={props.ok ? 'good' : 'bad'}>{props.ok ? w().health.ok : w().health.failed}</Badge>{' '}
      <Moment at={props.at} />
    </>
  );
}
