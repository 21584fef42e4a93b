import { age, date, number, shortDate, unit } from '../../../ui/ru';
import { locked } from '../../billing/ru';
import { cargo, list } from '../../cargos/ru';
import { filters } from '../../filters/ru';
import { profile } from '../../profile/ru';
import { respond, responses } from '../../responses/ru';

/** Every string that a driver reads, in Russian. The other catalogues have the same shape. */
export const ru = {
  app: 'Грузы',
  back: 'Назад',
  tabs: { list: 'Грузы', searches: 'Поиски', responses: 'Отклики', profile: 'Ещё', waiting: 'ждут ответа' },
  cancel: 'Отмена',
  retry: 'Повторить',
  loading: 'Загрузка…',

  format: {
    number,
    tonnes: (t: number) => unit(t, 'т', 2),
    cubicMetres: (m3: number) => unit(m3, 'м³', 1),
    kilometres: (km: number) => unit(km, 'км'),
    rubles: (rub: number) => unit(rub, '₽'),
    rublesPerKilometre: (rub: number) => unit(rub, '₽/км', rub < 100 ? 1 : 0),
    onRequest: 'по запросу',
    /** Sizes in words, as the server writes them. */
    measures: (text: string) => text,
    /** What a place is called; and a truck type or a load type. */
    place: (name: string, _english: string | null) => name,
    type: (name: string) => name,
    date,
    shortDate,
    age,
  },
  list,
  filters,
  cargo,
  respond,
  responses,
  profile,
  locked,

  errors: {
    title: 'Не получилось загрузить',
    offline: 'Нет сети. Проверьте связь и попробуйте ещё раз.',
    network: 'Сервер не ответил. Возможно, связь слабая.',
    upstream: 'CargoTech сейчас не отвечает. Попробуйте через минуту.',
    rateLimited: 'Слишком много запросов подряд. Подождите несколько секунд.',
    store: 'У нас сбой. Попробуйте через минуту.',
    featureOff: 'Сейчас это отключено. Попробуйте позже.',
    telegramNeeded: 'Вы вошли по ссылке. Это можно сделать в приложении в Telegram.',
    tooLarge: 'Слишком длинный текст. Сократите его и попробуйте ещё раз.',
    forbidden: 'Доступ закрыт, обратитесь в поддержку',
    unknown: 'Что-то пошло не так у нас. Попробуйте ещё раз.',
    partOffline: 'Нет сети. Экран откроется сам, когда появится связь.',
    part: 'Эта часть приложения не загрузилась. Возможно, вышла новая версия.',
    reload: 'Загрузить заново',
    requestId: (id: string) => `Код запроса: ${id}`,
  },
};
