const PATHS = {
  overview: 'M4 20V10M10 20V4M16 20v-7M21 20H3',
  payments: 'M3 7h18v11H3zM3 11h18M7 15h3',
  drivers: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-5.5 8-5.5s7 1.5 8 5.5',
  subscriptions: 'M5 4h14v16l-7-4-7 4z',
  'promo-codes': 'M4 12V4h8l8 8-8 8zM8.5 8.5h.01',
  differences: 'M12 3v18M5 8l-3 6h6zM19 8l-3 6h6zM5 8h14',
  responses: 'M4 5h16v11H9l-5 4zM8 9h8M8 12h5',
  requests: 'M9 12l2 2 4-5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  deliveries: 'M21 3L3 10l7 3.5L21 3zM21 3l-7 18-4-7.5',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  flags: 'M6 21V4h11l-2.5 4L17 12H6',
  roles: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z',
  audit: 'M6 3h9l4 4v14H6zM9 11h7M9 15h7M9 7h3',
  health: 'M3 12h4l2.5-7 4 14 2.5-7h5',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  refresh: 'M20 11a8 8 0 1 0-2.3 6.6M20 5v6h-6',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5',
  exit: 'M14 4h6v16h-6M4 12h11M8 8l-4 4 4 4',
};
export type IconName = keyof typeof PATHS;

/** A line icon in the colour of the text beside it. */
export function Icon(props: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[props.name]} />
    </svg>
  );
}
