import { language } from '../shell/messages';

/** What a driver reads of one cargo. It comes with the screens that show it. */

export const ruCargo = {
  loading: 'Погрузка',
  unloading: 'Выгрузка',
  underway: (days: number, hours: number) =>
    `${[days > 0 && `${days} дн`, hours > 0 && `${hours} ч`].filter(Boolean).join(' ')} в пути`,
  navigators: 'Открыть в навигаторе',
  ownNavigator: 'Навигатор телефона',
  weight: 'Вес',
  volume: 'Объём',
  truckTypes: 'Тип кузова',
  loadTypes: 'Загрузка',
  cargoType: 'Тип груза',
  name: 'Груз',
  shipper: 'Грузовладелец',
  inn: (inn: string) => `ИНН ${inn}`,
  roundTrip: 'Кругорейс',
  partialLoad: 'Догруз',
  note: 'Комментарий',
  contacts: 'Контакты',
  noContacts: 'Телефон не указан',
  call: 'Позвонить',
  extension: (extension: string) => `доб. ${extension}`,
  callPhone: (phone: string) => `Позвонить: ${phone}`,
  copy: 'Скопировать',
  copyPhone: (phone: string) => `Скопировать ${phone}`,
  copied: 'Номер скопирован',
  linkCopied: 'Ссылка скопирована',
  copyFailed: 'Скопировать не удалось',
  share: 'Поделиться',
  shareText: (route: string, price: string) => `${route}, ${price}`,
  source: 'Открыть на сайте',
  goneTitle: 'Этого груза больше нет',
  goneText: 'Его забрали или сняли с публикации.',
  toList: 'К списку грузов',
  similar: 'Похожие грузы',
  unaskedTitle: 'Контакты загрузятся, когда появится сеть',
  unaskedText: 'Пока здесь то, что было в списке.',
  upstreamDown: (time: string) => `CargoTech не отвечает, данные от ${time}`,
};

export type CargoMessages = typeof ruCargo;

export const enCargo: CargoMessages = {
  loading: 'Loading',
  unloading: 'Unloading',
  underway: (days, hours) =>
    `${[days > 0 && `${days} d`, hours > 0 && `${hours} h`].filter(Boolean).join(' ')} on the way`,
  navigators: 'Open in a navigator',
  ownNavigator: 'Navigator of the phone',
  weight: 'Weight',
  volume: 'Volume',
  truckTypes: 'Truck type',
  loadTypes: 'Loading type',
  cargoType: 'Cargo type',
  name: 'Cargo',
  shipper: 'Cargo owner',
  inn: (inn) => `INN ${inn}`,
  roundTrip: 'Round trip',
  partialLoad: 'Partial load',
  note: 'Comment',
  contacts: 'Contacts',
  noContacts: 'No phone given',
  call: 'Call',
  extension: (extension: string) => `ext. ${extension}`,
  callPhone: (phone) => `Call ${phone}`,
  copy: 'Copy',
  copyPhone: (phone) => `Copy ${phone}`,
  copied: 'Number copied',
  linkCopied: 'Link copied',
  copyFailed: 'Could not copy',
  share: 'Share',
  shareText: (route, price) => `${route}, ${price}`,
  source: 'Open on the website',
  goneTitle: 'This cargo is gone',
  goneText: 'Someone took it, or it was withdrawn.',
  toList: 'Back to the cargos',
  similar: 'Similar cargos',
  unaskedTitle: 'The contacts will load when the network is back',
  unaskedText: 'Until then, this is what the list knew.',
  upstreamDown: (time) => `CargoTech is not answering, data from ${time}`,
};

/** The words about a cargo in the current language. */
export function cargoWords(): CargoMessages {
  return language() === 'en' ? enCargo : ruCargo;
}
