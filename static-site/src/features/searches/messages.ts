import { number as englishNumber } from '../../ui/en';
import { number, plural } from '../../ui/ru';
import { language } from '../shell/messages';

/** What a driver reads of saved searches. It comes with them. */

export const ruSearches = {
  save: 'Сохранить поиск',
  saved: (name: string) => `Поиск сохранён: ${name}`,
  edit: (name: string) => `Изменить поиск: ${name}`,
  editTitle: 'Сохранённый поиск',
  name: 'Название',
  hint: 'На вкладке «Поиски» будет видно, сколько по нему новых грузов.',
  passedHint: 'День погрузки прошёл: поиск останется без даты.',
  toSave: 'Сохранить',
  done: 'Поиск сохранён',
  renamed: 'Название изменено',
  delete: 'Удалить поиск',
  deleteQuestion: 'Удалить этот поиск?',
  deleteYes: 'Удалить',
  deleted: 'Поиск удалён',
  close: 'Закрыть',
  fresh: (n: number) => `${number(n)} ${plural(n, 'новый', 'новых', 'новых')}`,
  passed: 'День прошёл. Открыть без даты',
  everything: 'Все грузы',
  emptyTitle: 'Сохранённых поисков нет',
  emptyText:
    'Выберите фильтры в списке грузов и нажмите закладку под ними. Поиск останется здесь, и будет видно, сколько по нему новых грузов.',
  nameMissing: 'Введите название',
  tooMany: 'Сохранено уже 20 поисков. Удалите ненужный, и этот сохранится.',
  toSearches: 'К поискам',
  refused: 'С этими фильтрами поиск не сохранить. Измените их и попробуйте ещё раз.',
  notOpened: 'Этих фильтров больше нет. Выберите их в списке заново.',
};

export type SearchMessages = typeof ruSearches;

export const enSearches: SearchMessages = {
  save: 'Save this search',
  saved: (name) => `Search saved: ${name}`,
  edit: (name) => `Change the search: ${name}`,
  editTitle: 'Saved search',
  name: 'Name',
  hint: 'The tab “Searches” will show how many new cargos it has.',
  passedHint: 'The day of loading has passed: the search stays without a date.',
  toSave: 'Save',
  done: 'Search saved',
  renamed: 'Name changed',
  delete: 'Delete this search',
  deleteQuestion: 'Delete this search?',
  deleteYes: 'Delete',
  deleted: 'Search deleted',
  close: 'Close',
  fresh: (n) => `${englishNumber(n)} new`,
  passed: 'The day has passed. Open without it',
  everything: 'All cargos',
  emptyTitle: 'No saved searches',
  emptyText:
    'Choose filters in the list of cargos and press the bookmark below them. The search stays here and shows how many new cargos it has.',
  nameMissing: 'Enter a name',
  tooMany: '20 searches are saved already. Delete one that you do not need, and this one can be saved.',
  toSearches: 'To the searches',
  refused: 'A search cannot be saved with these filters. Change them and try again.',
  notOpened: 'These filters are gone. Choose them in the list again.',
};

/** These words in the current language. */
export function searchWords(): SearchMessages {
  return language() === 'en' ? enSearches : ruSearches;
}
