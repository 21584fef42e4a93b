import { createSignal, onMount, Show } from 'solid-js';
import type { Card } from '../../api/driver';
import { parametersOf } from '../filters/filters';
import { api, list } from '../shell/app';
import { Cards } from './CargoCard';
import { isHidden } from './marks';
import { cargoWords } from './messages';

/** Kilometres around both ends. */
const RADIUS_KM = 100;
const MOST = 3;
/** More than are shown: some may be hidden. */
const ASKED = 10;

/** Other cargos of the same way, for a driver who does not get this one. Nothing at all where none is known. */
export function Similar(props: { cargo: Card }) {
  const [cards, setCards] = createSignal<Card[]>([]);

  async function find(from: number, to: number): Promise<void> {
    const ends = { from_place_id: from, from_radius_km: RADIUS_KM, to_place_id: to, to_radius_km: RADIUS_KM };
    const query = parametersOf(ends);
    query.set('limit', String(ASKED));
    const { items } = await api.cargos(query.toString());
    setCards(items.filter(({ id }) => id !== props.cargo.id && !isHidden(id)).slice(0, MOST));
  }

  onMount(() => {
    const { from, to } = props.cargo;
    // Cards of an older version do not name the places.
    if (from.place_id && to.place_id && list.market() !== false)
      find(from.place_id, to.place_id).catch(() => undefined);
  });
  return (
    <Show when={cards().length > 0}>
      <section class="similar">
        <h2>{cargoWords().similar}</h2>
        <Cards cards={cards()} testId="similar" />
      </section>
    </Show>
  );
}
