import { beforeEach, describe, expect, it } from 'vitest';
import type { Me } from '../api/driver';
import { ApiError } from '../api/error';
import type { SessionApi, SignInAnswer } from '../api/session';
import { randomUuid, Session, type SessionState } from './session';
import { type KeyValue, openStorage } from './storage';

const APP_URL = 'https://t.me/bot/app';
const links = { app_url: APP_URL, support_url: 'https://t.me/support' };
const driver = { id: 42, first_name: 'Иван', preferences: { filters: null, language: null } } as unknown as Me;
const access: Pick<SignInAnswer, 'subscription' | 'features' | 'flags'> = {
  subscription: { state: 'none', expires_at: null, source: null, days_left: 0 },
  features: { list: true, detail: true, contacts: true, respond: true, alerts: true },
  flags: ['app.respond'],
};
const NOW_S = 1_800_000_000;

const refusal = (code: string) => new ApiError(code, 401, { app_url: APP_URL });

function jwt(issuedAt: number): string {
  return `h.${Buffer.from(JSON.stringify({ iat: issuedAt })).toString('base64url')}.s`;
}

/** A phone: its storage outlives the launches of the app on it. */
let storage: KeyValue;
beforeEach(() => {
  storage = openStorage(() => {
    throw new Error('blocked');
  });
});

interface Server {
  signIn?: (initData: string, key: string, search?: string | null) => Promise<SignInAnswer>;
  signInByLink?: (token: string) => Promise<SignInAnswer>;
  refresh?: SessionApi['refresh'];
  signOut?: () => Promise<void>;
  appUrl?: () => Promise<string | null>;
}

/** One launch of the app with this initData; null is a plain browser. */
function launch(initData: string | null, server: Server = {}, userId = '42') {
  const states: SessionState[] = [];
  const keys: string[] = [];
  let gone = 0;
  let ended = 0;
  let made = 0;
  const unexpected = () => Promise.reject(new Error('not expected'));
  const session = new Session({
    launch: { initData, initDataHash: initData && `hash of ${initData}`, userId: initData && userId },
    api: {
      signIn: (data, key, search) => {
        keys.push(key);
        return (server.signIn ?? answer)(data, key, search);
      },
      signInByLink: server.signInByLink ?? unexpected,
      refresh: server.refresh ?? unexpected,
      signOut: server.signOut ?? unexpected,
      appUrl: server.appUrl ?? (async () => APP_URL),
    },
    storage,
    newKey: () => `key ${++made} of ${initData}`,
    now: () => NOW_S * 1000,
    onChange: (state) => states.push(state),
    onAccess: () => undefined,
    onDriverGone: () => (gone += 1),
    onEnded: () => (ended += 1),
  });
  return { session, states, keys, gone: () => gone, ended: () => ended, state: () => states[states.length - 1] };
}

let count = 0;
async function answer(): Promise<SignInAnswer> {
  count += 1;
  return { session_token: `${jwt(NOW_S)}${count}`, expires_at: '', driver, links, ...access };
}

describe('starting', () => {
  it('keeps what the driver is, which only a sign-in tells, when the profile is told anew', async () => {
    const signIn = async () => ({ ...(await answer()), driver: { ...driver, roles: ['owner' as const] } });
    const app = launch('one', { signIn });
    await app.session.start();
    app.session.setDriver({ ...driver, first_name: 'Пётр', links });
    expect(app.state()).toMatchObject({ driver: { first_name: 'Пётр', roles: ['owner'] } });
  });

  it('signs in with initData', async () => {
    const app = launch('one');
    await app.session.start();
    expect(app.state()).toEqual({ name: 'active', driver, links });
    expect(app.session.token()).not.toBeNull();
  });

  it('uses a stored session and asks nobody, even when launched anew', async () => {
    await launch('one').session.start();
    const again = launch('two');
    await again.session.start();
    expect(again.state()?.name).toBe('active');
    expect(again.keys).toEqual([]);
  });

  it('drops the session of another Telegram user and what they left', async () => {
    await launch('one').session.start();
    const other = launch('two', {}, '77');
    await other.session.start();
    expect(other.gone()).toBe(1);
    expect(other.keys).toHaveLength(1);
  });

  it('keeps the key of an attempt whose answer was lost, over retries and reloads, but not for other initData', async () => {
    const lost = { signIn: () => Promise.reject(new ApiError('network')) };
    const first = launch('one', lost);
    await first.session.start();
    expect(first.state()).toMatchObject({ name: 'failed', error: { code: 'network' } });
    await first.session.start();
    const reloaded = launch('one');
    await reloaded.session.start();
    expect([...first.keys, ...reloaded.keys]).toEqual(['key 1 of one', 'key 1 of one', 'key 1 of one']);
    expect(reloaded.state()?.name).toBe('active');
    storage.remove('session');
    const other = launch('two');
    await other.session.start();
    expect(other.keys).toEqual(['key 1 of two']);
  });

  it('offers the bot when initData is stale, replayed or forged', async () => {
    for (const [code, reason] of [
      ['init_data_expired', 'expired'],
      ['init_data_replayed', 'expired'],
      ['init_data_invalid', 'refused'],
    ]) {
      const app = launch('one', { signIn: () => Promise.reject(refusal(code as string)) });
      await app.session.start();
      expect(app.state()).toEqual({ name: 'closed', reason, appUrl: APP_URL });
    }
  });

  it('finds the bot for a plain browser, and can be tried again without a network', async () => {
    const app = launch(null);
    await app.session.start();
    expect(app.state()).toEqual({ name: 'closed', reason: 'outside', appUrl: APP_URL });
    const offline = launch(null, { appUrl: () => Promise.reject(new ApiError('offline')) });
    await offline.session.start();
    expect(offline.state()).toMatchObject({ name: 'failed', error: { code: 'offline' } });
  });
});

describe('an expired session', () => {
  it('is renewed unnoticed with unused initData, once for all requests that fail together', async () => {
    await launch('one').session.start();
    const app = launch('two');
    await app.session.start();
    const old = app.session.token();
    const recovered = await Promise.all([1, 2, 3].map(() => app.session.recover(refusal('session_expired'), old)));
    expect(recovered).toEqual([true, true, true]);
    expect(app.keys).toHaveLength(1);
    expect(app.session.token()).not.toBe(old);
    expect(app.states.every((state) => state.name === 'starting' || state.name === 'active')).toBe(true);
    // A straggler with the old token just takes the new one.
    expect(await app.session.recover(refusal('session_expired'), old)).toBe(true);
    expect(app.keys).toHaveLength(1);
  });

  it('is not renewed with initData that made it: the bot is', async () => {
    const app = launch('one');
    await app.session.start();
    expect(await app.session.recover(refusal('session_expired'), app.session.token())).toBe(false);
    expect(app.state()).toEqual({ name: 'closed', reason: 'expired', appUrl: APP_URL });
    expect(app.keys).toHaveLength(1);
    expect(app.session.token()).toBeNull();
  });

  it('ends at the bot when the unused initData is days old', async () => {
    await launch('one').session.start();
    const app = launch('two', { signIn: () => Promise.reject(refusal('init_data_expired')) });
    await app.session.start();
    expect(await app.session.recover(refusal('session_expired'), app.session.token())).toBe(false);
    expect(app.state()).toMatchObject({ name: 'closed', reason: 'expired' });
  });

  it('stays when the network fails during the renewal, and is renewed later', async () => {
    await launch('one').session.start();
    let lost = true;
    const app = launch('two', { signIn: () => (lost ? Promise.reject(new ApiError('network')) : answer()) });
    await app.session.start();
    const old = app.session.token();
    await expect(app.session.recover(refusal('session_expired'), old)).rejects.toMatchObject({ code: 'network' });
    expect(app.state()?.name).toBe('active');
    lost = false;
    expect(await app.session.recover(refusal('session_expired'), old)).toBe(true);
    expect(new Set(app.keys).size).toBe(1);
  });

  it('takes the token that another tab has put in place', async () => {
    const tab = launch('one');
    await tab.session.start();
    const refused = tab.session.token();
    storage.set('session', { ...(storage.get('session') as object), token: 'newer' });
    expect(await tab.session.recover(refusal('session_replaced'), refused)).toBe(true);
    expect(tab.session.token()).toBe('newer');
  });
});

describe('a replaced session', () => {
  it('is never taken back by itself, not by other requests and not by a reload', async () => {
    await launch('one').session.start();
    const app = launch('two');
    await app.session.start();
    const token = app.session.token();
    expect(await app.session.recover(refusal('session_replaced'), token)).toBe(false);
    expect(await app.session.recover(refusal('session_expired'), token)).toBe(false);
    expect(app.state()).toEqual({ name: 'closed', reason: 'replaced', appUrl: APP_URL });
    expect(app.ended()).toBe(1);
    const reloaded = launch('two');
    await reloaded.session.start();
    await Promise.resolve();
    expect(reloaded.state()).toEqual({ name: 'closed', reason: 'replaced', appUrl: APP_URL });
    expect([...app.keys, ...reloaded.keys]).toEqual([]);
  });

  it('is replaced in turn when the driver opens the app from the bot', async () => {
    const app = launch('one');
    await app.session.start();
    await app.session.recover(refusal('session_replaced'), app.session.token());
    const reopened = launch('two');
    await reopened.session.start();
    expect(reopened.state()?.name).toBe('active');
  });
});

describe('signing out', () => {
  it('forgets the driver and does not sign in again on a reload', async () => {
    const app = launch('one', { signOut: async () => undefined });
    await app.session.start();
    await app.session.signOut();
    expect(app.state()).toEqual({ name: 'closed', reason: 'signed_out', appUrl: APP_URL });
    expect(app.gone()).toBe(1);
    const reloaded = launch('one');
    await reloaded.session.start();
    expect(reloaded.state()).toMatchObject({ name: 'closed', reason: 'signed_out' });
    expect(reloaded.keys).toEqual([]);
  });

  it('does not pretend when the server was not reached', async () => {
    const app = launch('one', { signOut: () => Promise.reject(new ApiError('offline')) });
    await app.session.start();
    await expect(app.session.signOut()).rejects.toMatchObject({ code: 'offline' });
    expect(app.state()?.name).toBe('active');
  });

  it('is done when the session had ended already', async () => {
    const app = launch('one', { signOut: () => Promise.reject(refusal('session_expired')) });
    await app.session.start();
    await app.session.signOut();
    expect(app.state()).toMatchObject({ name: 'closed', reason: 'signed_out' });
  });
});

describe('an access link', () => {
  const taken = (given: string[]) => async (token: string) => {
    given.push(token);
    return answer();
  };

  it('opens the app without Telegram, and a reload keeps the session', async () => {
    const given: string[] = [];
    const app = launch(null, { signInByLink: taken(given) });
    await app.session.start('abc');
    expect(app.state()).toEqual({ name: 'active', driver, links });
    const reloaded = launch(null);
    await reloaded.session.start();
    expect(reloaded.session.token()).toBe(app.session.token());
    expect(given).toEqual(['abc']);
  });

  it('is ignored by who can sign in through Telegram', async () => {
    const app = launch('one');
    await app.session.start('abc');
    expect(app.keys).toHaveLength(1);
    expect(app.state()?.name).toBe('active');
  });

  it('asks before it takes the place of the session that is there, and then takes it with what another driver left', async () => {
    const given: string[] = [];
    await launch(null, { signInByLink: answer }).session.start('first');
    const same = launch(null, { signInByLink: taken(given) });
    await same.session.start('again');
    expect(same.state()).toEqual({ name: 'link_asks', driver });
    expect(given).toEqual([]);
    await same.session.answerLink(true);
    expect([same.gone(), same.state()?.name, given]).toEqual([0, 'active', ['again']]);
    const before = same.session.token();
    const other = launch(null, { signInByLink: async () => ({ ...(await answer()), driver: { ...driver, id: 77 } }) });
    await other.session.start('of another');
    await other.session.answerLink(true);
    expect(other.gone()).toBe(1);
    expect(other.session.token()).not.toBe(before);
  });

  it('that is not wanted leaves everything as it is, and another one is asked about anew', async () => {
    await launch(null, { signInByLink: answer }).session.start('first');
    const token = (storage.get('session') as { token: string }).token;
    const app = launch(null);
    await app.session.start('unwanted');
    await app.session.answerLink(false);
    expect([app.state()?.name, app.session.token(), app.ended(), app.gone()]).toEqual(['active', token, 0, 0]);
    await app.session.start('another');
    expect(app.state()?.name).toBe('link_asks');
  });

  it('is remembered as the way in until Telegram is', async () => {
    const app = launch(null, { signInByLink: answer });
    await app.session.start('abc');
    app.session.setDriver({ ...driver, first_name: 'Пётр', links });
    expect(app.session.isByLink()).toBe(true);
    const reloaded = launch(null);
    await reloaded.session.start();
    expect(reloaded.session.isByLink()).toBe(true);
    storage.remove('session');
    const telegram = launch('one');
    await telegram.session.start();
    expect(telegram.session.isByLink()).toBe(false);
  });

  it('that is refused says why and leaves the session of before', async () => {
    await launch(null, { signInByLink: answer }).session.start('first');
    const token = (storage.get('session') as { token: string }).token;
    for (const [code, reason] of [
      ['access_token_invalid', 'invalid'],
      ['validation_failed', 'invalid'],
      ['subscription_required', 'over'],
    ]) {
      const app = launch(null, { signInByLink: () => Promise.reject(refusal(code as string)) });
      await app.session.start('bad');
      await app.session.answerLink(true);
      expect(app.state()).toEqual({ name: 'link_refused', reason, appUrl: APP_URL });
      await app.session.start();
      expect(app.state()?.name).toBe('active');
      expect(app.session.token()).toBe(token);
    }
  });

  it('whose answer is lost is used again by the next try', async () => {
    const given: string[] = [];
    let lost = true;
    const app = launch(null, {
      signInByLink: (token) => (lost ? Promise.reject(new ApiError('network')) : taken(given)(token)),
    });
    await app.session.start('abc');
    expect(app.state()).toMatchObject({ name: 'failed', error: { code: 'network' } });
    lost = false;
    await app.session.start();
    expect(app.state()?.name).toBe('active');
    expect(given).toEqual(['abc']);
  });
});

describe('the token', () => {
  const stored = (issuedAt: number) => storage.set('session', { token: jwt(issuedAt), userId: '42', driver, links });

  it('is refreshed when it is older than a day', async () => {
    stored(NOW_S - 86_401);
    const app = launch('one', { refresh: async () => ({ expires_at: '', session_token: 'fresh' }) });
    await app.session.start();
    await app.session.refreshIfOld();
    expect(app.session.token()).toBe('fresh');
    expect(storage.get('session')).toMatchObject({ token: 'fresh' });
  });

  it('is left alone before, and when the refresh fails', async () => {
    stored(NOW_S - 86_399);
    let refreshed = 0;
    const refresh = () => {
      refreshed += 1;
      return Promise.reject(new ApiError('network'));
    };
    const young = launch('one', { refresh });
    await young.session.start();
    await young.session.refreshIfOld();
    expect(refreshed).toBe(0);
    stored(NOW_S - 90_000);
    const old = launch('one', { refresh });
    await old.session.start();
    await old.session.refreshIfOld();
    expect(refreshed).toBeGreaterThan(0);
    expect(old.session.token()).toBe(jwt(NOW_S - 90_000));
  });
});

it('makes UUIDs of version 4', () => {
  const ids = [randomUuid(), randomUuid()];
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids[0]).not.toBe(ids[1]);
});

describe('a sign-in for what is dangerous', () => {
  it('takes the initData of a launch that found a stored session', async () => {
    const first = launch('one');
    await first.session.start();
    const before = first.session.token();
    const second = launch('two');
    await second.session.start();
    expect(second.keys).toEqual([]);
    expect(await second.session.signInAnew()).toBe(true);
    expect(second.session.token()).not.toBe(before);
    expect(await second.session.signInAnew()).toBe(false);
    expect(second.keys).toHaveLength(1);
  });

  it('leaves the session as it is when it is refused', async () => {
    await launch('one').session.start();
    const late = launch('two', { signIn: async () => Promise.reject(refusal('init_data_expired')) });
    await late.session.start();
    const before = late.session.token();
    expect(await late.session.signInAnew()).toBe(false);
    expect(late.session.token()).toBe(before);
    expect(late.state()?.name).toBe('active');
  });

  it('is not possible without initData', async () => {
    await launch('one').session.start();
    const browser = launch(null);
    await browser.session.start();
    expect(await browser.session.signInAnew()).toBe(false);
  });
});

it('shows who helps while an admin keeps the driver out, and keeps the session for the time after', async () => {
  const app = launch('one');
  await app.session.start();
  app.session.blocked();
  expect(app.state()).toEqual({ name: 'blocked', links });
  await app.session.start();
  expect(app.state()?.name).toBe('active');
  expect(app.keys).toHaveLength(1);
});
