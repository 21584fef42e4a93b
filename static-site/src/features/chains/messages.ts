import { unit as englishUnit } from '../../ui/en';
import { unit } from '../../ui/ru';
import { language } from '../shell/messages';

/** What a driver reads of the cargos that fit after another. */

export const ruChains = {
  title: 'Что взять после разгрузки',
  net: (rubles: string) => `≈\u00a0${rubles} чистыми`,
  perDay: (rubles: string) => `${rubles} в день`,
  empty: (km: number) => `пустых ${unit(km, 'км')}`,
  home: (km: number) => `из них до дома ${unit(km, 'км')}`,
  from: (when: string) => `После разгрузки ${when}, лучшее за день сверху.`,
  leadsHome: 'Последний груз ведёт к дому.',
  none: (km: number) => `В ${unit(km, 'км')} от разгрузки подходящих грузов сейчас нет.`,
  wider: (km: number) => `Искать в ${unit(km, 'км')}`,
  unplanned: 'У груза нет дня погрузки, расстояния или точного города: что взять после, заранее не посчитать.',
  failed: 'Подобрать грузы не получилось.',
  unavailable: 'Сейчас грузы не подобрать. Попробуйте через несколько минут.',
};

export type ChainMessages = typeof ruChains;

export const enChains: ChainMessages = {
  title: 'What to take after unloading',
  net: (rubles) => `≈\u00a0${rubles} net`,
  perDay: (rubles) => `${rubles} a day`,
  empty: (km) => `${englishUnit(km, 'km')} empty`,
  home: (km) => `${englishUnit(km, 'km')} of it to home`,
  from: (when) => `After unloading ${when}, the best per day first.`,
  leadsHome: 'The last cargo leads towards home.',
  none: (km) => `Nothing fits within ${englishUnit(km, 'km')} of the unloading right now.`,
  wider: (km) => `Search within ${englishUnit(km, 'km')}`,
  unplanned: 'The cargo has no day of loading, no distance or no exact city: what comes after it cannot be planned.',
  failed: 'Could not find cargos.',
  unavailable: 'Cargos cannot be matched right now. Try again in a few minutes.',
};

/** These words in the current language. */
export function chainWords(): ChainMessages {
  return language() === 'en' ? enChains : ruChains;
}
