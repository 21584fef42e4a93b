import { describe, expect, it } from 'vitest';
import { readLaunch } from './launch';
import { openStorage } from './storage';

const blocked = () =>
  openStorage(() => {
    throw new Error('blocked');
  });

const initData =
  'user=%7B%22id%22%3A42%2C%22first_name%22%3A%22%D0%98%2B%D0%B2%22%2C%22language_code%22%3A%22kk%22%7D&auth_date=1&start_param=cargo_17&hash=abc';
const hash = `#tgWebAppData=${encodeURIComponent(initData)}&tgWebAppVersion=8.0&tgWebAppPlatform=android&tgWebAppThemeParams=%7B%22bg_color%22%3A%22%23fff%22%7D`;

describe('the launch', () => {
  it('is read from the hash, initData untouched', () => {
    expect(readLaunch({ hash, search: '' }, blocked())).toEqual({
      initData,
      initDataHash: 'abc',
      userId: '42',
      languageCode: 'kk',
      version: '8.0',
      platform: 'android',
      theme: { bg_color: '#fff' },
      startParam: 'cargo_17',
      fresh: true,
    });
  });

  it('survives a reload, by when the hash is a route; its start parameter does not come again', () => {
    const storage = blocked();
    readLaunch({ hash, search: '' }, storage);
    const reloaded = readLaunch({ hash: '#/cargo/5', search: '' }, storage);
    expect(reloaded).toMatchObject({ initData, platform: 'android', startParam: null, fresh: false });
  });

  it('in the hash beats an older one in the storage', () => {
    const storage = blocked();
    readLaunch({ hash, search: '' }, storage);
    expect(readLaunch({ hash: hash.replace('abc', 'def'), search: '' }, storage).initDataHash).toBe('def');
  });

  it('in a plain browser is only what the link says', () => {
    expect(readLaunch({ hash: '', search: '?startapp=cargo_9' }, blocked())).toMatchObject({
      initData: null,
      initDataHash: null,
      userId: null,
      platform: null,
      startParam: 'cargo_9',
    });
  });

  it('is not broken by a client that sends nonsense', () => {
    const odd = readLaunch(
      { hash: '#tgWebAppData=user%3Dnope&tgWebAppVersion=7.0&tgWebAppThemeParams={', search: '' },
      blocked(),
    );
    expect(odd).toMatchObject({ initData: 'user=nope', userId: null, theme: {}, version: '7.0' });
  });
});
