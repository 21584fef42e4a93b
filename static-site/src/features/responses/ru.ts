/** Its other words are in features/responses/messages.ts. */
export const respond = { title: 'Отклик' };

export const responses = {
  title: 'Мои отклики',
  yours: 'Ваш отклик',
  state: {
    queued: 'Отправляем',
    sent: 'Ждём ответа',
    accepted: 'Принят',
    rejected: 'Отказ',
    expired: 'Без ответа',
    completed: 'Завершён',
    withdrawn: 'Отозван',
    /** It has not left the phone. */
    kept: 'Ждёт отправки',
    stopped: 'Не отправлен',
  },
  reason: (text: string) => `Причина: ${text}`,
  comment: (text: string) => `Комментарий: ${text}`,
  price: (price: string) => `Ваша цена: ${price}`,
  cargoPrice: (price: string) => `Цена груза: ${price}`,
  agreed: (price: string) => `Согласованная цена: ${price}`,
  phone: (phone: string, confirmed: boolean) => `${phone}, ${confirmed ? 'подтверждён' : 'не подтверждён'}`,
  withdraw: 'Отозвать отклик',
  withdrawn: 'Отклик отозван',
  alreadyDecided: 'Ответ уже пришёл',
  accepted: (route: string) => `Отклик принят: ${route}`,
  rejected: (route: string) => `Отказ: ${route}`,
  emptyTitle: 'Откликов пока нет',
  emptyText: 'Откройте груз и нажмите «Откликнуться».',
  more: 'Показать ещё',
  moreFailed: 'Следующие отклики не загрузились',
  offline: 'Нет сети, ответы могли измениться',
  notRefreshed: 'Обновить не удалось, ответы могли измениться',
};
