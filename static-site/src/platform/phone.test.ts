import { describe, expect, it } from 'vitest';
import cases from '../../../tests/phones.json';
import { callNumber, dialled, parsePhone, splitPhones } from './phone';

describe('phones', () => {
  it('are understood as people write them, as on the server', () => {
    for (const [written, number] of cases.read) {
      expect(parsePhone(written ?? ''), written).toBe(number);
      expect(parsePhone(number ?? ''), number).toBe(number);
    }
  });

  it('are refused where nobody can be called on them, as on the server', () => {
    for (const written of cases.refused) expect(parsePhone(written), written).toBeNull();
  });

  it('of a cargo are dialled with their extension after a pause', () => {
    for (const [given, number, extension, keys] of [
      ['+79161234567', '+79161234567', null, '+79161234567'],
      ['+74951234567;ext=12', '+74951234567', '12', '+74951234567,12'],
      ['8 916 123-45-67', '+79161234567', null, '+79161234567'],
      ['12-34-56', null, null, ''],
      ['нет;ext=12', null, null, ''],
    ] as const) {
      expect(callNumber(given), given).toEqual({ number, extension });
      expect(dialled(callNumber(given)), given).toBe(keys);
    }
  });

  it('are found in a note, of which not a character is lost', () => {
    const note = 'Звонить Ирине 8 (916) 555-12-34\nили +79031112233, Минск +375 29 123-45-67, 8 029 765‑43‑21!';
    const parts = splitPhones(note);
    expect(parts.map((part) => part.text).join('')).toBe(note);
    expect(parts.flatMap((part) => part.phone ?? [])).toEqual([
      '+79165551234',
      '+79031112233',
      '+375291234567',
      '+375297654321',
    ]);
  });

  it('are told from other numbers of a note', () => {
    for (const note of [
      'ИНН 7701234567, КПП 770101001',
      'ИНН 771234567890',
      'ИНН 380712345678',
      'ставка 85 000 100 000 руб',
      'счёт 40702810938000012345',
      'груз 82 м3, 20 т, 8 паллет',
      '+7 029 123-45-67',
    ]) {
      expect(splitPhones(note), note).toEqual([{ text: note, phone: null }]);
    }
    expect(splitPhones('')).toEqual([]);
  });
});
