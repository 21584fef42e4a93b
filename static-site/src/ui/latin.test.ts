import { expect, it } from 'vitest';
import { latin } from './latin';

it('writes Russian names as most maps do', () => {
  for (const [russian, english] of [
    ['Москва → Санкт-Петербург', 'Moscow → Saint Petersburg'],
    ['Екатеринбург', 'Yekaterinburg'],
    ['Набережные Челны', 'Naberezhnyye Chelny'],
    ['Нижний Новгород', 'Nizhniy Novgorod'],
    ['Щёлково', 'Shchelkovo'],
    ['Казань, ул. Ленина', 'Kazan, ul. Lenina'],
    ['Berlin', 'Berlin'],
  ] as const)
    expect(latin(russian)).toBe(english);
});
