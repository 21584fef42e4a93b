export const profile = {
  title: 'Профиль',
  subscription: 'Подписка',
  support: 'Написать в поддержку',
};
