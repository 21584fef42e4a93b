import { number as englishNumber, unit as englishUnit } from '../../ui/en';
import { number, unit } from '../../ui/ru';
import { language } from '../shell/messages';

/** What a driver reads of what a cargo leaves them. It comes with that part of the cargo. */

/** The names of the terms, as the API has them. */
export type TermName = 'price' | 'fuel' | 'fuel_empty' | 'platon' | 'tolls' | 'wear' | 'days' | 'vat' | 'tax';

export const ruWorth = {
  title: 'Сколько останется',
  net: (rub: string) => `${rub} чистыми`,
  perDay: (rub: string) => `${rub} в день`,
  noPrice: 'Цены нет, поэтому не посчитать. Узнайте её у грузовладельца или предложите свою.',
  noDistance: 'Расстояние неизвестно, поэтому не посчитать.',
  without: (what: string) => `Не учли: ${what}`,
  beside: (percent: number) => {
    if (percent === 0) return 'Платят как за похожие';
    return `На ${number(Math.abs(percent))}\u00a0% ${percent > 0 ? 'выше' : 'ниже'}, чем за похожие`;
  },
  usual: (count: number, median: string, low: string, high: string) =>
    `Похожих грузов ${number(count)}: половина платит меньше ${median}, обычно от ${low} до ${high}`,
  untold: { fuel_empty: 'путь до погрузки', tax: 'налоги' },
  details: 'Как посчитали',
  names: {
    price: 'Цена',
    fuel: 'Топливо с грузом',
    fuel_empty: 'Топливо до погрузки',
    platon: 'Платон',
    tolls: 'Платные дороги',
    wear: 'Шины и ремонт',
    days: 'Расходы за дни',
    vat: 'НДС',
    tax: 'Налог',
  } satisfies Record<TermName, string>,
  total: 'Остаётся',
  notKnown: 'не знаем',
  kopecks: (rub: number) => unit(rub, '₽', 2).replace(/,\d(?!\d)/, '$&0'),
  fuel: (km: number, litres: number, price: number) =>
    `${unit(km, 'км')} × ${number(litres, 1)} л на 100 км × ${unit(price, '₽', 2)}`,
  way: (km: number, rate: number) => `${unit(km, 'км')} × ${unit(rate, '₽/км', 2)}`,
  days: (days: number, rate: number) => `${unit(days, 'дн', 2)} × ${unit(rate, '₽', 2)}`,
  whereFrom: 'Выберите в поиске, откуда едете',
  whichTaxes: 'Укажите налоги в «Машине»',
  sources: { cargo: 'из объявления', driver: 'ваша машина', assumed: 'типовая фура' },
  since: (source: string, day: string) => `${source}, с ${day}`,
  estimate: 'оценка',
  ask: (rub: string) => `Сколько просить: от ${rub}`,
  askHint: 'Столько нужно, чтобы выйти на вашу цель в день',
  enough: (rub: string) => `Для вашей цели в день хватит ${rub}`,
  offer: 'Предложить эту цену',
  assumed: 'Считаем по типовой фуре. Укажите свою',
  change: 'Изменить машину',
  failed: 'Не удалось посчитать',
};

export type WorthMessages = typeof ruWorth;

export const enWorth: WorthMessages = {
  title: 'What it leaves you',
  net: (rub) => `${rub} net`,
  perDay: (rub) => `${rub} a day`,
  noPrice: 'Without a price it cannot be worked out. Ask the cargo owner, or offer yours.',
  noDistance: 'The distance is not known, so it cannot be worked out.',
  without: (what) => `Not counted: ${what}`,
  beside: (percent) => {
    if (percent === 0) return 'Pays as similar cargos do';
    return `${englishNumber(Math.abs(percent))}% ${percent > 0 ? 'above' : 'below'} similar cargos`;
  },
  usual: (count, median, low, high) =>
    `${englishNumber(count)} similar cargos: half pay less than ${median}, usually ${low} to ${high}`,
  untold: { fuel_empty: 'the way to the loading', tax: 'taxes' },
  details: 'How it is worked out',
  names: {
    price: 'Price',
    fuel: 'Fuel, loaded',
    fuel_empty: 'Fuel to the loading',
    platon: 'Platon toll',
    tolls: 'Toll roads',
    wear: 'Tyres and repairs',
    days: 'Costs of the days',
    vat: 'VAT',
    tax: 'Tax',
  },
  total: 'Left',
  notKnown: 'not known',
  kopecks: (rub) => englishUnit(rub, '₽', 2).replace(/\.\d(?!\d)/, '$&0'),
  fuel: (km, litres, price) =>
    `${englishUnit(km, 'km')} × ${englishNumber(litres, 1)} l per 100 km × ${englishUnit(price, '₽', 2)}`,
  way: (km, rate) => `${englishUnit(km, 'km')} × ${englishUnit(rate, '₽/km', 2)}`,
  days: (days, rate) => `${englishNumber(days, 2)} d × ${englishUnit(rate, '₽', 2)}`,
  whereFrom: 'Choose in the search where you start',
  whichTaxes: 'Describe your taxes under Truck',
  sources: { cargo: 'from the cargo', driver: 'your truck', assumed: 'a usual truck' },
  since: (source, day) => `${source}, since ${day}`,
  estimate: 'estimate',
  ask: (rub) => `What to ask: from ${rub}`,
  askHint: 'So much brings your goal a day',
  enough: (rub) => `${rub} would be enough for your goal a day`,
  offer: 'Offer this price',
  assumed: 'Worked out for a usual truck. Describe yours',
  change: 'Change the truck',
  failed: 'Could not be worked out',
};

/** These words in the current language. */
export function worthWords(): WorthMessages {
  return language() === 'en' ? enWorth : ruWorth;
}
