/** What most drive, as CargoTech calls it. */
export const USUAL_BODIES = ['тент', 'рефрижератор', 'изотерм', 'фургон', 'бортовой', 'контейнеровоз'];
