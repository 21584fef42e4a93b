import { createEffect, createSignal, For, onCleanup, onMount } from 'solid-js';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { dayOf } from '../display';
import { w } from '../messages';

export interface Series {
  name: string;
  values: number[];
}

interface Props {
  /** `2026-11-24`, one for each value. */
  days: string[];
  series: Series[];
  /** The series lie upon each other. */
  stacked?: boolean;
  format: (value: number) => string;
  label: string;
}

const HEIGHT = 200;
/** Told apart by brightness too, and on either ground. */
const COLORS = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5'];

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || '#888';
}

/** Counts or sums by day. Below it stand the same numbers as a table, for whoever does not see a picture. */
export default function Chart(props: Props) {
  let frame!: HTMLDivElement;
  let plot: uPlot | null = null;
  const [at, setAt] = createSignal<number | null>(null);
  const shown = () => at() ?? props.days.length - 1;

  function draw(): void {
    plot?.destroy();
    const width = frame.clientWidth;
    if (width === 0 || props.days.length === 0) return;
    const x = props.days.map((_, index) => index);
    const sums = props.series.map((_, until) =>
      props.days.map((_, day) =>
        props.stacked
          ? props.series.slice(until).reduce((sum, each) => sum + (each.values[day] ?? 0), 0)
          : (props.series[until]?.values[day] ?? 0),
      ),
    );
    const text = color('--hint');
    const line = color('--line');
    const font = '12px system-ui, sans-serif';
    const bars = uPlot.paths.bars?.({ size: [0.7, 24], align: 0 });
    plot = new uPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: !props.stacked } },
        scales: {
          x: { time: false, range: (_, min, max) => (props.stacked ? [min - 0.5, max + 0.5] : [min, max]) },
          y: { range: (_, __, max) => [0, Math.max(max ?? 0, 1) * 1.08] },
        },
        axes: [
          {
            stroke: text,
            font,
            grid: { show: false },
            ticks: { show: false },
            space: 56,
            size: 28,
            splits: (_, __, min, max, increment) => {
              const found: number[] = [];
              const step = Math.max(1, Math.ceil(increment));
              for (let day = Math.max(0, Math.ceil(min)); day <= max; day += step) found.push(day);
              return found;
            },
            values: (_, splits) => splits.map((day) => dayOf(props.days[day] ?? '')),
          },
          {
            stroke: text,
            font,
            size: 52,
            grid: { stroke: line, width: 1 },
            ticks: { show: false },
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 5e6],
            values: (_, splits) => splits.map((value) => w().format.short(value)),
          },
        ],
        series: [
          {},
          ...props.series.map((_, index): uPlot.Series => {
            const stroke = color(COLORS[index % COLORS.length] ?? '--hint');
            return props.stacked
              ? { stroke, fill: stroke, width: 0, points: { show: false }, ...(bars && { paths: bars }) }
              : { stroke, width: 2, points: { show: props.days.length < 10 } };
          }),
        ],
        hooks: { setCursor: [(u) => setAt(u.cursor.idx ?? null)] },
      },
      [x, ...sums],
      frame,
    );
  }

  onMount(() => {
    createEffect(() => {
      draw();
    });
    let width = frame.clientWidth;
    const resized = () => {
      if (frame.clientWidth === width) return;
      width = frame.clientWidth;
      plot?.setSize({ width, height: HEIGHT });
    };
    window.addEventListener('resize', resized);
    // The colours are read once for a picture.
    const themes = matchMedia('(prefers-color-scheme: dark)');
    themes.addEventListener?.('change', draw);
    const watcher = new MutationObserver(draw);
    watcher.observe(document.documentElement, { attributeFilter: ['data-scheme'] });
    onCleanup(() => {
      window.removeEventListener('resize', resized);
      themes.removeEventListener?.('change', draw);
      watcher.disconnect();
      plot?.destroy();
      plot = null;
    });
  });
  return (
    <figure class="chart">
      <div ref={frame} class="chart-frame" aria-hidden="true" />
      <figcaption class="chart-legend" aria-live="off">
        <span class="small">{dayOf(props.days[shown()] ?? '')}</span>
        <For each={props.series}>
          {(series, index) => (
            <span class="chart-key" data-series={(index() % COLORS.length) + 1}>
              {series.name}: <b>{props.format(series.values[shown()] ?? 0)}</b>
            </span>
          )}
        </For>
      </figcaption>
      <details class="json disclosure">
        <summary>{w().overview.asTable}</summary>
        <div class="chart-table" tabindex="0" role="group" aria-label={props.label}>
          <table aria-label={props.label}>
            <thead>
              <tr>
                <th scope="col">{w().overview.day}</th>
                <For each={props.series}>{(series) => <th scope="col">{series.name}</th>}</For>
              </tr>
            </thead>
            <tbody>
              <For each={props.days}>
                {(day, index) => (
                  <tr>
                    <th scope="row">{dayOf(day)}</th>
                    <For each={props.series}>{(series) => <td>{props.format(series.values[index()] ?? 0)}</td>}</For>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
