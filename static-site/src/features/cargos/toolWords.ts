import { number, plural } from '../../ui/ru';
import { language } from '../shell/messages';

/** What stands above the cards. It comes after them. */

export const ruTools = {
  quick: 'Быстрый выбор',
  near: 'Рядом',
  today: 'Сегодня',
  tomorrow: 'Завтра',
  aside: {
    saved: (n: number) => `Избранное ${number(n)}`,
    hidden: (n: number) => `Скрытые ${number(n)}`,
  },
  hiddenHere: (n: number) => `, скрыто ${number(n)}`,
  unfiltered: 'Фильтры здесь не действуют',
  fresh: (n: number) => `${number(n)} ${plural(n, 'новый', 'новых', 'новых')} ↑`,
  hidden: 'Груз скрыт',
  undo: 'Вернуть',
  restore: 'Вернуть в список',
  hide: 'Скрыть груз',
  kept: 'Груз в избранном',
  push: { save: 'В избранное', hide: 'Скрыть' },
  chips: 'Выбранные фильтры',
  remove: (chip: string) => `Убрать фильтр: ${chip}`,
  restoreFilter: (chip: string) => `Вернуть фильтр: ${chip}`,
  /** Of a filter that the list does not follow yet. */
  waits: 'ждёт ответа сервера',
  order: (sort: string) => `порядок «${sort}»`,
  leftOut: (what: string, isForNow: boolean, hasMore: boolean) =>
    `${isForNow ? 'Пока не применено' : 'С другими фильтрами не применить'}: ${what}${
      hasMore ? '. Показаны и другие грузы' : ''
    }`,
  /** On a desk, where the cargo will stand. */
  chooseCargo: 'Выберите груз в списке, и он откроется здесь',
  sort: 'Порядок',
  renewCity: 'Обновите город',
  /** On the list itself, where there is less room. */
  shortSorts: {
    relevance: 'Подходящие',
    '-price': 'Дороже',
    '-price_per_km': '₽/км',
    '-profit': 'Прибыль',
    deadhead: 'Ближе',
    newest: 'Новые',
    date: 'Раньше',
  },
  sorts: {
    relevance: 'Сначала подходящие',
    '-price': 'Сначала дороже',
    '-price_per_km': 'Сначала дороже за км',
    '-profit': 'Сначала прибыльнее',
    deadhead: 'Сначала ближе к погрузке',
    newest: 'Сначала новые',
    date: 'Сначала раньше погрузка',
  },
  refused: 'Нет доступа к местоположению. Разрешите его в настройках или выберите город в фильтрах',
  settings: 'Настройки',
  notLocated: 'Телефон не смог определить, где вы. Выберите город в фильтрах',
};

export type ToolMessages = typeof ruTools;

export const enTools: ToolMessages = {
  quick: 'Quick choices',
  near: 'Near me',
  today: 'Today',
  tomorrow: 'Tomorrow',
  aside: {
    saved: (n) => `Saved ${number(n)}`,
    hidden: (n) => `Hidden ${number(n)}`,
  },
  hiddenHere: (n) => `, ${number(n)} hidden`,
  unfiltered: 'Filters do not apply here',
  fresh: (n) => `${number(n)} new ↑`,
  hidden: 'Cargo hidden',
  undo: 'Undo',
  restore: 'Back to the list',
  hide: 'Hide this cargo',
  kept: 'Cargo saved',
  push: { save: 'Save', hide: 'Hide' },
  chips: 'Selected filters',
  remove: (chip) => `Remove filter: ${chip}`,
  restoreFilter: (chip) => `Restore filter: ${chip}`,
  waits: 'waiting for the server',
  order: (sort) => `order “${sort}”`,
  leftOut: (what, isForNow, hasMore) =>
    `${isForNow ? 'Not applied for now' : 'Not possible with the other filters'}: ${what}${
      hasMore ? '. Other cargos are shown too' : ''
    }`,
  chooseCargo: 'Choose a cargo in the list, and it opens here',
  sort: 'Order',
  renewCity: 'Renew the city',
  shortSorts: {
    relevance: 'Best',
    '-price': 'Price',
    '-price_per_km': '₽/km',
    '-profit': 'Profit',
    deadhead: 'Nearest',
    newest: 'Newest',
    date: 'Earliest',
  },
  sorts: {
    relevance: 'Best first',
    '-price': 'Highest price',
    '-price_per_km': 'Highest per km',
    '-profit': 'Highest profit',
    deadhead: 'Nearest loading',
    newest: 'Newest',
    date: 'Earliest loading',
  },
  refused: 'No access to your location. Allow it in the settings, or choose a city in the filters',
  settings: 'Settings',
  notLocated: 'The phone could not tell where you are. Choose a city in the filters',
};

/** These words in the current language. */
export function toolWords(): ToolMessages {
  return language() === 'en' ? enTools : ruTools;
}
