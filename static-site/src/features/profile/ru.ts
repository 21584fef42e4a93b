export const profile = {
  title: 'Ещё',
  edit: 'Профиль',
  subscription: 'Подписка',
  support: 'Написать в поддержку',
};
