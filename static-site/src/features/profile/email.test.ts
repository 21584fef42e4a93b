import { describe, expect, it } from 'vitest';
import { emailFault } from './email';

describe('a mail address', () => {
  it('that mail can go to is taken', () => {
    for (const good of ['name@example.org', 'i.petrov+ct@mail.ru', 'a_b-c@sub.domain.co', '1@2.ru', 'ivan@почта.рф'])
      expect(emailFault(good), good).toBeNull();
  });

  it('in letters that are not Latin is told apart: whoever types it has the wrong keyboard', () => {
    for (const typed of ['иван@mail.ru', 'ivаn@mail.ru']) expect(emailFault(typed), typed).toBe('latin');
  });

  it('that mail cannot go to is refused', () => {
    const wrong = [
      '',
      'name',
      'name@',
      '@mail.ru',
      'a@b',
      'a b@c.ru',
      '.a@b.ru',
      'a.@b.ru',
      'a..b@c.ru',
      'a@-b.ru',
      'a@b..ru',
      'a@b.c',
      'a@1.2.3.4',
      'a@b@c.ru',
      'a@b_c.ru',
      'a,b@c.ru',
    ];
    for (const typed of wrong) expect(emailFault(typed), typed).toBe('wrong');
  });
});
