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
};
