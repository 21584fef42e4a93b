import { unit } from '../../ui/ru';

export const filters = {
  title: 'Фильтры',
  start: 'Откуда',
  finish: 'Куда',
  unknownCity: 'выбранный город',
  radiusValue: (km: number) => (km === 0 ? 'только город' : `+${unit(km, 'км')}`),
  today: 'сегодня',
  tomorrow: 'завтра',
  upTo: (tonnes: number, cubicMetres: number | null) =>
    `до ${unit(tonnes, 'т')}, ${cubicMetres === null ? 'объём любой' : `до ${unit(cubicMetres, 'м³')}`}`,
  truckTypes: 'Тип кузова',
  loadTypes: 'Загрузка',
  chip: {
    start: (city: string, radius: string) => `Откуда: ${city} ${radius}`,
    finish: (city: string, radius: string) => `Куда: ${city} ${radius}`,
    date: (date: string) => `Погрузка ${date}`,
    between: (min: string | null, max: string | null) =>
      [min && `от ${min}`, max && `до ${max}`].filter(Boolean).join(' '),
    several: (first: string, others: number) => `${first} +${others}`,
    has_price: 'С ценой',
    partial_load: 'Догруз',
    round_trip: 'Кругорейс',
    inn: (inn: string) => `ИНН ${inn}`,
  },
};
