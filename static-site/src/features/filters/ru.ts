/** Its other words are in features/filters/messages.ts. */
export const filters = {
  title: 'Фильтры',
  unknownCity: 'выбранный город',
  today: 'сегодня',
  tomorrow: 'завтра',
  several: (first: string, others: number) => `${first} +${others}`,
};
