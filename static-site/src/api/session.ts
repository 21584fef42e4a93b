import { type Authority, type Call, createAuthorised, type Network, realNetwork, send, withToken } from './client';
import type { Access, CardPage, Links, Me, Subscription } from './driver';
import { ApiError } from './error';
import type { Answer, Schemas } from './types';

/** On what the admin page is open: each has one session. */
export type Seat = Schemas['Seat'];

export interface SignInAnswer extends Pick<Answer<'SignIn'>, 'session_token' | 'expires_at' | 'flags'> {
  driver: Me;
  links: Links;
  subscription: Subscription;
  features: Access['features'];
  /** The first page of the search that was sent along, if the server had it at hand. */
  list?: { age_s: number; page: Pick<CardPage, 'items' | 'total' | 'cursor' | 'fetched_at' | 'source'> };
}

export type SessionApi = ReturnType<typeof createSessionApi>;

/** What a session needs of the server, on whichever page it is. */
export function createSessionApi(authority: () => Authority, network: Network = realNetwork) {
  return {
    /**
     * Exchanges initData for a session; `key` is the same for every repeat of one attempt. `search` is the query of the list
     * that is shown next, if it is.
     */
    async signIn(initData: string, key: string, search?: string | null): Promise<SignInAnswer> {
      const body = { init_data: initData, search: search ?? undefined };
      const headers = { 'idempotency-key': key };
      const answer = await send('auth/telegram', { method: 'POST', body, headers }, network);
      return answer.body as SignInAnswer;
    },

    /** The same for the admin page alone; the driver's session stays. */
    async signInToAdmin(initData: string, key: string, admin: Seat): Promise<SignInAnswer> {
      const call: Call = { method: 'POST', body: { init_data: initData, admin }, headers: { 'idempotency-key': key } };
      return (await send('auth/telegram', call, network)).body as SignInAnswer;
    },

    /** A session of the admin page for whoever has this one of the app. */
    async openAdmin(token: string, admin: Seat): Promise<SignInAnswer> {
      return (await send('auth/admin', withToken({ method: 'POST', body: { admin } }, token), network))
        .body as SignInAnswer;
    },

    /** Exchanges the token of an access link for a session. */
    async signInByLink(token: string): Promise<SignInAnswer> {
      const { body } = await send('auth/access-token', { method: 'POST', body: { access_token: token } }, network);
      return body as SignInAnswer;
    },

    /** A new token for the same session. */
    async refresh(): Promise<Answer<'Refreshed'>> {
      const { body } = await createAuthorised(authority, network)('auth/refresh', { method: 'POST' });
      return body as Answer<'Refreshed'>;
    },

    async signOut(): Promise<void> {
      await send('auth/logout', withToken({ method: 'POST' }, authority().token()), network);
    },

    /** Asks without a session, only to learn from the refusal where the app is opened. */
    async appUrl(): Promise<string | null> {
      try {
        await send('me', {}, network);
        return null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return error.appUrl;
        throw error;
      }
    },
  };
}
