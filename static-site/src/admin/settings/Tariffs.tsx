import { For, Index, Show } from 'solid-js';
import { TARIFF_KINDS } from '../../api/admin';
import { word } from '../display';
import { w } from '../messages';
import { Panel } from '../ui/bits';
import { Input, Select } from '../ui/fields';
import type { TariffDraft } from './settingsDraft';

interface Props {
  tariffs: TariffDraft[];
  /** By field, such as `tariffs.0.from`. */
  wrong: Record<string, string>;
  locked: boolean;
  onChange: (tariffs: TariffDraft[]) => void;
}

/** What the state and the market charge, by kind: each row holds from its day until the next one. */
export function TariffsPanel(props: Props) {
  const words = () => w().settings;
  const change = (at: number, part: Partial<TariffDraft>) =>
    props.onChange(props.tariffs.map((tariff, index) => (index === at ? { ...tariff, ...part } : tariff)));
  return (
    <Panel title={words().names.tariffs} testId="settings-tariffs">
      <p class="small">{words().tariffsHint}</p>
      <For each={TARIFF_KINDS}>
        {(kind) => (
          <section class="tariffs" aria-label={word(words().tariffKinds, kind)}>
            <h3>{word(words().tariffKinds, kind)}</h3>
            <Index each={props.tariffs}>
              {(tariff, at) => (
                <Show when={tariff().kind === kind}>
                  <div class="plan" data-testid={`tariff-${at}`}>
                    <div class="form-grid">
                      <Input
                        label={words().tariffFrom}
                        name={`tariff-from-${at}`}
                        type="date"
                        value={tariff().from}
                        onInput={(from) => change(at, { from })}
                        error={props.wrong[`tariffs.${at}.from`]}
                      />
                      <Input
                        label={words().tariffSource}
                        name={`tariff-source-${at}`}
                        maxlength={200}
                        value={tariff().source}
                        onInput={(source) => change(at, { source })}
                        error={props.wrong[`tariffs.${at}.source`]}
                      />
                      <Input
                        label={words().tariffUnits[kind]}
                        name={`tariff-value-${at}`}
                        inputmode="decimal"
                        value={tariff().value}
                        onInput={(value) => change(at, { value })}
                        error={props.wrong[`tariffs.${at}.value`]}
                      />
                      <Select
                        label={words().tariffCertainty}
                        name={`tariff-estimate-${at}`}
                        value={String(tariff().is_estimate)}
                        onChange={(value) => change(at, { is_estimate: value === 'true' })}
                        options={[
                          ['false', words().tariffExact],
                          ['true', words().tariffEstimate],
                        ]}
                      />
                    </div>
                    <Show when={!props.locked}>
                      <div class="plan-foot">
                        <button
                          class="button button-small button-danger"
                          type="button"
                          data-testid={`tariff-remove-${at}`}
                          aria-label={`${words().planRemove}: ${word(words().tariffKinds, kind)} ${tariff().from}`}
                          onClick={() => props.onChange(props.tariffs.filter((_, index) => index !== at))}
                        >
                          {words().planRemove}
                        </button>
                      </div>
                    </Show>
                  </div>
                </Show>
              )}
            </Index>
            <Show when={!props.locked}>
              <button
                class="button button-small"
                type="button"
                data-testid={`tariff-add-${kind}`}
                aria-label={`${words().tariffAdd}: ${word(words().tariffKinds, kind)}`}
                onClick={() =>
                  props.onChange([...props.tariffs, { kind, from: '', value: '', source: '', is_estimate: false }])
                }
              >
                {words().tariffAdd}
              </button>
            </Show>
          </section>
        )}
      </For>
    </Panel>
  );
}
