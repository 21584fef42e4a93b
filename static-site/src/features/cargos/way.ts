import { parseLocalDate } from '../../ui/format';

const HOUR_MS = 3_600_000;

/** Whole hours from one local time to another; null unless both have a time and come in this order. */
export function hoursBetween(from: string | null, to: string | null): number | null {
  const moment = (text: string | null) =>
    text && parseLocalDate(text)?.time ? Date.parse(`${text.slice(0, 16)}Z`) : NaN;
  const hours = Math.round((moment(to) - moment(from)) / HOUR_MS);
  return hours > 0 ? hours : null;
}

/** The programs that lead to an address; the one without a name is whatever the phone has. */
export function navigators(address: string): { name: string | null; url: string }[] {
  const place = encodeURIComponent(address);
  return [
    { name: null, url: `geo:0,0?q=${place}` },
    { name: 'Яндекс', url: `https://yandex.ru/navi/?text=${place}` },
    { name: '2ГИС', url: `https://2gis.ru/search/${place}` },
    { name: 'Google', url: `https://www.google.com/maps/search/?api=1&query=${place}` },
  ];
}
