import { type Filters, FREE_PAIR, WEIGHT_VOLUMES } from './filters';

/** From and to, in tonnes or cubic metres; undefined where there is no bound. */
export type Bounds = [min: number | undefined, max: number | undefined];

/** What cargos weigh, and how much room they take. */
export interface Sizes {
  tonnes: Bounds;
  cubicMetres: Bounds;
}

const KG = 1000;

/** The sizes that filters ask for. */
export function sizesOf(filters: Filters): Sizes {
  const asked = filters.weight_volume;
  const category = WEIGHT_VOLUMES.find(({ id }) => id === asked);
  const [tonnes, cubicMetres] = category
    ? [category.tonnes, category.cubicMetres ?? undefined]
    : asked && FREE_PAIR.test(asked)
      ? asked.split('-').map(Number)
      : [];
  const inTonnes = (kg: number | undefined) => kg && kg / KG;
  return {
    tonnes: [inTonnes(filters.weight_min_kg), inTonnes(filters.weight_max_kg) ?? tonnes],
    cubicMetres: [filters.volume_min_m3, filters.volume_max_m3 ?? cubicMetres],
  };
}

/** The filters for these sizes. Where there are only limits they are a pair, which CargoTech understands as well. */
export function filtersOfSizes({ tonnes: [minT, maxT], cubicMetres: [minM3, maxM3] }: Sizes): Filters {
  if (minT === undefined && minM3 === undefined && maxT !== undefined) {
    const category = WEIGHT_VOLUMES.find((each) => each.tonnes === maxT && each.cubicMetres === (maxM3 ?? null));
    if (category) return { weight_volume: category.id };
    if (maxM3 !== undefined) return { weight_volume: `${maxT}-${maxM3}` };
  }
  return {
    ...(minT !== undefined && { weight_min_kg: Math.round(minT * KG) }),
    ...(maxT !== undefined && { weight_max_kg: Math.round(maxT * KG) }),
    ...(minM3 !== undefined && { volume_min_m3: minM3 }),
    ...(maxM3 !== undefined && { volume_max_m3: maxM3 }),
  };
}
