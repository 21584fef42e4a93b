import { count, unit } from '../../ui/ru';

export const list = {
  filters: (n: number) => (n > 0 ? `Фильтры, выбрано: ${n}` : 'Фильтры'),
  anywhere: { start: 'Откуда угодно', finish: 'Куда угодно' },
  swap: 'Поменять города местами',
  refresh: 'Обновить',
  navigation: 'Разделы',
  found: (n: number) => count(n, 'груз', 'груза', 'грузов'),
  deadhead: (km: number) => `подача\u00a0≈${unit(km, 'км')}`,
  net: (rub: number) => `≈\u00a0${unit(Math.round(rub / 100) * 100, '₽')} чистыми`,
  isNew: 'новый',
  was: (price: string) => `было ${price}`,
  star: (route: string) => `В избранное: ${route}`,
  updating: 'обновляем…',
  pull: 'Потяните, чтобы обновить',
  release: 'Отпустите, чтобы обновить',
  end: 'Это все грузы',
  moreFailed: 'Следующие грузы не загрузились',
  upstreamDown: (time: string) => `CargoTech не отвечает, данные от ${time}`,
  offline: (time: string) => `Нет сети, данные от ${time}`,
  notApplied: (offline: boolean, time: string) =>
    `${offline ? 'Нет сети, фильтры применятся, когда она появится' : 'Сервер не ответил, фильтры применятся, когда ответит'}. Пока прежний список, данные от ${time}`,
  notRefreshed: (time: string) => `Обновить не удалось, данные от ${time}`,
  emptyTitle: 'Грузов не нашлось',
  emptyFiltered: 'По этим фильтрам сейчас ничего нет. Попробуйте искать шире.',
  emptyAll: 'Сейчас грузов нет. Загляните чуть позже.',
  widen: 'Расширить радиус',
  clear: 'Сбросить фильтры',
  change: 'Изменить фильтры',
  refreshed: (total: number | null) =>
    total === null ? 'Список обновлён' : `Список обновлён: ${count(total, 'груз', 'груза', 'грузов')}`,
};

/** Its other words are in features/cargos/messages.ts. */
export const cargo = { title: 'Груз' };
