export const profile = {
  title: 'Ещё',
  edit: 'Профиль',
  truck: 'Машина',
  subscription: 'Подписка',
  support: 'Написать в поддержку',
};
