//! Columns of the CSV files, with headings in Russian and English.
use super::csv::Column;

const fn plain(russian: &'static str, english: &'static str, at: &'static str) -> Column {
    Column { heading: [russian, english], at, is_moment: false }
}

const fn moment(russian: &'static str, english: &'static str, at: &'static str) -> Column {
    Column { heading: [russian, english], at, is_moment: true }
}

/// Payments.
pub const PAYMENTS: &[Column] = &[
    plain("Платёж", "Payment", "/id"),
    plain("Водитель, ID", "Driver, ID", "/driver_id"),
    plain("Водитель", "Driver", "/driver_name"),
    plain("Тариф", "Plan", "/plan_name"),
    plain("Сумма, ₽", "Sum, RUB", "/amount_rub"),
    plain("Возвращено, ₽", "Refunded, RUB", "/refunded_rub"),
    plain("Состояние", "State", "/status"),
    plain("Причина", "Reason", "/reason"),
    plain("Платёж в ЮKassa", "Payment at YooKassa", "/yookassa_id"),
    plain("Чек", "Receipt", "/receipt"),
    moment("Создан (МСК)", "Created (Moscow)", "/created_at"),
    moment("Изменён (МСК)", "Changed (Moscow)", "/updated_at"),
];

/// Drivers.
pub const DRIVERS: &[Column] = &[
    plain("ID в Telegram", "Telegram ID", "/id"),
    plain("Имя", "First name", "/first_name"),
    plain("Фамилия", "Last name", "/last_name"),
    plain("Имя в Telegram", "Username", "/username"),
    plain("Телефон", "Phone", "/phone"),
    plain("Заблокирован", "Blocked", "/blocked"),
    plain("Остановил бота", "Stopped the bot", "/unreachable"),
    moment("Первый вход (МСК)", "First sign-in (Moscow)", "/created_at"),
    moment("Последний вход (МСК)", "Last sign-in (Moscow)", "/seen_at"),
    plain("Подписка", "Subscription", "/subscription/state"),
    moment("Подписка до (МСК)", "Subscribed until (Moscow)", "/subscription/expires_at"),
];

/// Subscriptions.
pub const SUBSCRIPTIONS: &[Column] = &[
    plain("Водитель, ID", "Driver, ID", "/driver_id"),
    plain("Водитель", "Driver", "/driver_name"),
    plain("Состояние", "State", "/state"),
    plain("Откуда", "Source", "/source"),
    moment("До (МСК)", "Until (Moscow)", "/expires_at"),
    plain("Осталось дней", "Days left", "/days_left"),
    plain("Платежей", "Payments", "/payments"),
];

/// Gift requests.
pub const REQUESTS: &[Column] = &[
    plain("Запрос", "Request", "/id"),
    plain("Водитель, ID", "Driver, ID", "/driver_id"),
    plain("Водитель", "Driver", "/driver_name"),
    plain("Дней", "Days", "/days"),
    plain("До", "Until", "/until"),
    plain("Причина", "Reason", "/reason"),
    plain("Кто просит", "Asked by", "/asked_by/name"),
    moment("Когда (МСК)", "When (Moscow)", "/asked_at"),
    plain("Подтверждён", "Confirmed", "/decision/confirmed"),
    plain("Кто решил", "Decided by", "/decision/by/name"),
    moment("Решён (МСК)", "Decided (Moscow)", "/decision/at"),
    plain("Почему отказ", "Declined for", "/decision/reason"),
];

/// Responses.
pub const RESPONSES: &[Column] = &[
    plain("Отклик", "Response", "/id"),
    plain("Водитель, ID", "Driver, ID", "/driver_id"),
    plain("Водитель", "Driver", "/driver_name"),
    plain("Груз", "Cargo", "/cargo_id"),
    plain("Маршрут", "Route", "/route"),
    plain("Состояние", "State", "/status"),
    plain("Цена, ₽", "Price, RUB", "/price_rub"),
    moment("Создан (МСК)", "Created (Moscow)", "/created_at"),
    moment("Изменён (МСК)", "Changed (Moscow)", "/updated_at"),
    plain("Кто решил", "Decided by", "/decided/by/kind"),
    plain("Кто решил, ID", "Decided by, ID", "/decided/by/id"),
    plain("Кто решил, имя", "Decided by, name", "/decided/by/name"),
    moment("Решён (МСК)", "Decided (Moscow)", "/decided/at"),
    plain("Ответ через, с", "Answered after, s", "/answered_after_s"),
];

/// People who decide on responses.
pub const DECIDERS: &[Column] = &[
    plain("Диспетчер, ID", "Dispatcher, ID", "/id"),
    plain("Диспетчер", "Dispatcher", "/name"),
    plain("Принято", "Accepted", "/accepted"),
    plain("Отказано", "Rejected", "/rejected"),
    plain("Отменено", "Undone", "/undone"),
    plain("Принято, %", "Accepted, %", "/accept_percent"),
    plain("Ответ в среднем через, с", "Answer takes on the average, s", "/answer_s"),
];

/// Messages.
pub const DELIVERIES: &[Column] = &[
    plain("Сообщение", "Message", "/id"),
    plain("Что", "What", "/what"),
    plain("Водитель, ID", "Driver, ID", "/driver_id"),
    plain("Водитель", "Driver", "/driver_name"),
    plain("Груз", "Cargo", "/cargo_id"),
    plain("Состояние", "State", "/state"),
    plain("Причина", "Reason", "/reason"),
    plain("Попыток", "Attempts", "/attempts"),
    moment("Отправить (МСК)", "To be sent (Moscow)", "/due_at"),
    moment("Создано (МСК)", "Created (Moscow)", "/created_at"),
    moment("Изменено (МСК)", "Changed (Moscow)", "/updated_at"),
];

/// Differences between YooKassa and our rows.
pub const DIFFERENCES: &[Column] = &[
    plain("Расхождение", "Difference", "/id"),
    plain("Что", "What", "/what"),
    plain("Номер в ЮKassa", "YooKassa's number", "/yookassa_id"),
    plain("Платёж", "Payment", "/payment_id"),
    plain("Причина", "Reason", "/reason"),
    moment("Найдено (МСК)", "Found (Moscow)", "/found_at"),
    moment("Видели (МСК)", "Seen (Moscow)", "/seen_at"),
    plain("Разобрал", "Resolved by", "/resolved/name"),
    plain("Заметка", "Note", "/resolved/note"),
    moment("Разобрано (МСК)", "Resolved (Moscow)", "/resolved/at"),
];

/// Promo codes.
pub const PROMO_CODES: &[Column] = &[
    plain("Промокод", "Promo code", "/code"),
    plain("Что даёт", "What it gives", "/action"),
    plain("Дней", "Days", "/days"),
    plain("Использований, не больше", "Uses at most", "/max_uses"),
    plain("Использований", "Uses", "/uses"),
    moment("Действует с (МСК)", "Valid from (Moscow)", "/valid_from"),
    moment("Действует до (МСК)", "Valid until (Moscow)", "/valid_until"),
    plain("Включён", "Enabled", "/enabled"),
    plain("Состояние", "State", "/state"),
    plain("Создал, ID", "Created by, ID", "/created_by"),
    plain("Создал", "Created by", "/created_by_name"),
    moment("Создан (МСК)", "Created (Moscow)", "/created_at"),
];

/// Redemptions of a promo code.
pub const PROMO_USES: &[Column] = &[
    plain("Водитель, ID", "Driver, ID", "/driver_id"),
    plain("Водитель", "Driver", "/driver_name"),
    moment("Когда (МСК)", "When (Moscow)", "/at"),
];

/// Roles of admins.
pub const ROLES: &[Column] = &[
    plain("ID в Telegram", "Telegram ID", "/driver_id"),
    plain("Имя", "Name", "/name"),
    plain("Роль", "Role", "/role"),
    plain("Кто дал", "Given by", "/given_by/name"),
    moment("Когда (МСК)", "When (Moscow)", "/given_at"),
    plain("Из настроек сервера", "Configured", "/configured"),
];

/// The audit log.
pub const AUDIT: &[Column] = &[
    moment("Когда (МСК)", "When (Moscow)", "/at"),
    plain("Что", "Kind", "/kind"),
    plain("Итог", "Outcome", "/outcome"),
    plain("Кто", "Who", "/by/kind"),
    plain("Кто, ID", "Who, ID", "/by/id"),
    plain("Кто, имя", "Who, name", "/by/name"),
    plain("С чем", "Target", "/target"),
    plain("Водитель, ID", "Driver, ID", "/driver_id"),
    plain("Водитель", "Driver", "/driver_name"),
    plain("Подробности", "Facts", "/facts"),
    plain("Было", "Before", "/before"),
    plain("Стало", "After", "/after"),
    plain("Запрос", "Request", "/request_id"),
    plain("Адрес", "Address", "/address"),
    plain("Чем", "User agent", "/user_agent"),
    plain("Запись", "Row", "/id"),
];
