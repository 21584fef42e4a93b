import { number } from '../../ui/ru';
import { language } from '../shell/messages';

/** What a driver reads of their truck. It comes with the screens that speak of it. */

export const ruTruck = {
  tellUs: 'Расскажите о машине',
  mine: 'Моя машина',
  intro:
    'По этим данным считаем, сколько вам останется от рейса. Пустое поле считаем как у типовой фуры на 20 т: её значения стоят в полях серым.',
  groups: { capacity: 'Вместимость', fuel: 'Расход', road: 'Дорога', days: 'Дни', taxes: 'Налоги', home: 'Дом' },
  body: 'Кузов',
  fields: {
    capacity_kg: 'Вес, т',
    volume_m3: 'Объём, м³',
    loaded_l_per_100km: 'С грузом, л на 100 км',
    empty_l_per_100km: 'Пустой, л на 100 км',
    diesel_rub_per_l: 'Солярка, ₽ за литр',
    tolls_rub_per_km: 'Платные дороги, ₽/км',
    wear_rub_per_km: 'Шины и ремонт, ₽/км',
    fixed_rub_per_day: 'Расходы в день, ₽',
    km_per_day: 'Пробег в день, км',
    goal_rub_per_day: 'Сколько хочу зарабатывать в день, ₽',
  },
  averagePrice: 'средняя по России',
  fixedHint: 'Лизинг, страховка, зарплата, стоянка',
  goalHint: 'Подскажем, сколько просить за рейс',
  platon: 'Платон',
  pays: (yes: boolean): string => (yes ? 'Плачу' : 'Не плачу'),
  platonHint: 'Платят машины тяжелее 12 т. Не выбрали — считаем, что платите',
  taxes: {
    npd: 'Самозанятый, 6 %',
    patent: 'Патент',
    usn_income: 'УСН «доходы», 6 %',
    usn_profit: 'УСН «доходы минус расходы», 15 %',
    osno: 'Компания на ОСНО',
  },
  taxesHint: 'Не выбрали — налоги не вычитаем',
  vat: 'НДС на УСН',
  vatOf: (percent: number): string => (percent === 0 ? 'без НДС' : `${percent}\u00a0%`),
  home: 'Город',
  homeHint: 'Куда возвращаетесь из рейса',
  save: 'Сохранить',
  saved: 'Сохранено',
  errors: {
    number: 'Введите число',
    range: (min: number, max: number) => `От ${number(min, 1)} до ${number(max)}`,
    truck_types: 'Не больше 10 типов',
    choice: 'Выберите ещё раз',
    home_place_id: 'Выберите город из списка',
  },
};

export type TruckMessages = typeof ruTruck;

export const enTruck: TruckMessages = {
  tellUs: 'Describe your truck',
  mine: 'My truck',
  intro:
    'From this we work out what a trip leaves you. An empty field counts as that of a usual 20-tonne truck, whose values are shown in grey.',
  groups: { capacity: 'Capacity', fuel: 'Fuel', road: 'Road', days: 'Days', taxes: 'Taxes', home: 'Home' },
  body: 'Body',
  fields: {
    capacity_kg: 'Weight, t',
    volume_m3: 'Volume, m³',
    loaded_l_per_100km: 'Loaded, l per 100 km',
    empty_l_per_100km: 'Empty, l per 100 km',
    diesel_rub_per_l: 'Diesel, ₽ a litre',
    tolls_rub_per_km: 'Toll roads, ₽/km',
    wear_rub_per_km: 'Tyres and repairs, ₽/km',
    fixed_rub_per_day: 'Costs a day, ₽',
    km_per_day: 'Kilometres a day',
    goal_rub_per_day: 'What I want to earn a day, ₽',
  },
  averagePrice: 'Russian average',
  fixedHint: 'Leasing, insurance, wages, parking',
  goalHint: 'We suggest what to ask for a trip',
  platon: 'Platon toll',
  pays: (yes) => (yes ? 'I pay' : 'I do not pay'),
  platonHint: 'Trucks above 12 t pay. Without a choice we assume that you do',
  taxes: {
    npd: 'Self-employed, 6 %',
    patent: 'Patent',
    usn_income: 'Simplified on income, 6 %',
    usn_profit: 'Simplified on profit, 15 %',
    osno: 'Company, general system',
  },
  taxesHint: 'Without a choice no taxes are taken off',
  vat: 'VAT of the simplified system',
  vatOf: (percent) => (percent === 0 ? 'no VAT' : `${percent}\u00a0%`),
  home: 'City',
  homeHint: 'Where you return to',
  save: 'Save',
  saved: 'Saved',
  errors: {
    number: 'Enter a number',
    range: (min, max) => `From ${min} to ${max}`,
    truck_types: 'At most 10 types',
    choice: 'Choose again',
    home_place_id: 'Choose a city from the list',
  },
};

/** The words about the truck in the current language. */
export function truckWords(): TruckMessages {
  return language() === 'en' ? enTruck : ruTruck;
}
