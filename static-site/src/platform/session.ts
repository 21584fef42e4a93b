import type { Authority } from '../api/client';
import type { Access, Links, Me } from '../api/driver';
import { ApiError, asApiError } from '../api/error';
import type { SessionApi, SignInAnswer } from '../api/session';
import type { Launch } from './launch';
import type { KeyValue } from './storage';

/** Why the driver has to open the app from the bot. */
export type ClosedReason = 'outside' | 'expired' | 'refused' | 'replaced' | 'signed_out';

/** Why an access link opens nothing: it is not good (any more), or no subscription runs. */
export type LinkRefusal = 'invalid' | 'over';

export type SessionState =
  | { name: 'starting' }
  | { name: 'active'; driver: Me; links: Links }
  /** Signing in did not work and may work when tried again. */
  | { name: 'failed'; error: ApiError }
  /** An admin keeps the driver out; only a person can help. */
  | { name: 'blocked'; links: Links }
  /** Only the bot can help: it opens the app with new initData. */
  | { name: 'closed'; reason: ClosedReason; appUrl: string | null }
  /** An access link would replace the session of this browser: the driver says whether it shall. */
  | { name: 'link_asks'; driver: Me }
  /** An access link opened nothing; the session of before, if there was one, is still there. */
  | { name: 'link_refused'; reason: LinkRefusal; appUrl: string | null };

/** What survives a reload. */
interface Stored {
  token: string;
  /** The Telegram user who signed in, to notice another account on the same phone. */
  userId: string | null;
  driver: Me;
  links: Links;
  /** An access link opened it: what could shut the driver out of it is for Telegram alone. */
  byLink?: boolean;
}

interface Dependencies {
  launch: Pick<Launch, 'initData' | 'initDataHash' | 'userId'>;
  api: Pick<SessionApi, 'signIn' | 'signInByLink' | 'refresh' | 'signOut' | 'appUrl'>;
  storage: KeyValue;
  newKey: () => string;
  now: () => number;
  onChange: (state: SessionState) => void;
  /** A sign-in tells the driver's access as well. */
  onAccess: (access: Access) => void;
  /** The query of the list, if it is shown as soon as somebody has signed in. */
  search?: () => string | null;
  /** Its first page, if the sign-in brought that along. */
  onList?: (query: string, list: NonNullable<SignInAnswer['list']>) => void;
  /** A session for whoever is signed in elsewhere on this phone; null when nobody is. */
  handOver?: () => Promise<SignInAnswer | null>;
  /** The phone changed hands: whatever the last driver left must go. */
  onDriverGone: () => void;
  /** The session is over, and with it whatever the server told in it. */
  onEnded: () => void;
}

const SESSION = 'session';
/** The sign-in attempt of one initData: its idempotency key, and whether it has made a session. */
const ATTEMPT = 'attempt';
/** InitData that must not sign in by itself, because its session was replaced or signed out. */
const BARRED = 'barred';
const TOKEN_MAX_AGE_S = 86_400;
const LINK_REFUSALS: Partial<Record<string, LinkRefusal>> = {
  access_token_invalid: 'invalid',
  validation_failed: 'invalid',
  subscription_required: 'over',
};

/**
 * The driver's session: who is signed in, and what happens when the server no longer thinks so.
 *
 * A stored session is used before anything else. An expired one is renewed with this launch's initData if that has not
 * been used yet; the server alone judges whether it is fresh, since a phone's clock may be wrong. A session that another
 * phone replaced is never taken back without the driver: the two phones would fight.
 */
export class Session implements Authority {
  private state: SessionState = { name: 'starting' };
  private stored: Stored | null = null;
  private renewing: Promise<boolean> | null = null;
  /** The token of an access link, until the server has said yes or no to it. */
  private link: string | null = null;
  /** Whether that link may replace the session of this browser. */
  private linkTaken = false;

  constructor(private readonly given: Dependencies) {}

  token(): string | null {
    return this.stored?.token ?? null;
  }

  /**
   * Finds or makes a session; afterwards the state says how that went. The token of an access link comes before a stored
   * session; who can sign in through Telegram needs no link.
   */
  async start(link: string | null = null): Promise<void> {
    const { launch, storage } = this.given;
    if (link !== null && !launch.initData) {
      this.link = link;
      this.linkTaken = false;
    }
    this.setState({ name: 'starting' });
    const stored = this.read();
    if (this.link !== null && stored && !this.linkTaken)
      return this.setState({ name: 'link_asks', driver: stored.driver });
    if (this.link !== null) return this.startByLink(this.link, stored);
    if (stored && launch.userId !== null && stored.userId !== launch.userId) {
      storage.remove(SESSION);
      this.given.onDriverGone();
    } else if (stored) {
      this.stored = stored;
      this.setState({ name: 'active', driver: stored.driver, links: stored.links });
      void this.refreshIfOld();
      return;
    }
    const barred = this.barredReason();
    if (barred) return this.close(barred, null);
    try {
      if (await this.takeOver()) return;
      if (launch.initData) await this.signIn(launch.initData);
      else this.close('outside', await this.given.api.appUrl());
    } catch (error) {
      this.fail(error);
    }
  }

  /** Whether an access link opened the session. */
  isByLink(): boolean {
    return this.stored?.byLink === true;
  }

  /** What the driver says of a link that would replace the session of this browser. */
  async answerLink(take: boolean): Promise<void> {
    if (take) this.linkTaken = true;
    else this.link = null;
    await this.start();
  }

  /** Called after a 401 of `refused`. All requests that fail together share one renewal. */
  async recover(error: ApiError, refused: string | null): Promise<boolean> {
    // Another tab, or a request that was faster, has put a newer token in place.
    const stored = this.read();
    if (stored && stored.token !== refused) {
      this.stored = stored;
      return true;
    }
    if (this.state.name === 'closed') return false;
    if (error.code === 'session_replaced') {
      this.bar('replaced');
      this.close('replaced', error.appUrl);
      return false;
    }
    this.renewing ??= this.renew(error).finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  /** Shows that the driver is kept out. The session stays, so that a look whether it is over needs no bot. */
  blocked(): void {
    if (this.stored) this.setState({ name: 'blocked', links: this.stored.links });
  }

  /** Replaces a token older than a day, so that the server can retire its signing keys. Failing is no harm. */
  async refreshIfOld(): Promise<void> {
    const issuedAt = issueTime(this.token());
    if (issuedAt === null || this.given.now() / 1000 - issuedAt < TOKEN_MAX_AGE_S) return;
    try {
      const { session_token } = await this.given.api.refresh();
      if (this.stored) this.keep({ ...this.stored, token: session_token });
    } catch {
      // The old token still works, or the next request finds out that it does not.
    }
  }

  /** Takes over what the server answered about the driver. */
  setDriver(answer: Me & { links: Links }): void {
    if (!this.stored) return;
    const { links, ...told } = answer;
    // Only a sign-in tells what the driver is.
    const { roles } = this.stored.driver;
    const driver = roles ? { ...told, roles } : told;
    this.keep({ ...this.stored, driver, links });
    this.setState({ name: 'active', driver, links });
  }

  /** Ends the session on the server and forgets everything of the driver. Throws when the server was not reached. */
  async signOut(): Promise<void> {
    try {
      await this.given.api.signOut();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
    }
    this.bar('signed_out');
    this.close('signed_out', null);
    this.given.onDriverGone();
  }

  /**
   * Signs in with this launch's initData if it has not been used: what is dangerous wants a recent sign-in. When that does
   * not work, the session stays as it is.
   */
  async signInAnew(): Promise<boolean> {
    const { initData } = this.given.launch;
    if (!initData || this.attempt()?.used || this.barredReason()) return false;
    try {
      await this.exchange(initData);
      return true;
    } catch {
      return false;
    }
  }

  private async takeOver(): Promise<boolean> {
    const answer = (await this.given.handOver?.()) ?? null;
    if (answer) this.open(answer, this.given.launch.userId, false);
    return answer !== null;
  }

  private async exchange(initData: string): Promise<void> {
    const { api, launch, storage } = this.given;
    const key = this.attempt()?.key ?? this.given.newKey();
    storage.set(ATTEMPT, { hash: launch.initDataHash, key, used: this.attempt()?.used ?? false });
    const search = this.given.search?.() ?? null;
    const answer = await api.signIn(initData, key, search);
    storage.set(ATTEMPT, { hash: launch.initDataHash, key, used: true });
    if (search !== null && answer.list) this.given.onList?.(search, answer.list);
    this.open(answer, launch.userId, false);
  }

  private async signIn(initData: string): Promise<void> {
    try {
      await this.exchange(initData);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      this.close(error.code === 'init_data_invalid' ? 'refused' : 'expired', error.appUrl);
    }
  }

  /** A link that is refused leaves the session that was there, so that nobody is signed out by a bad link. */
  private async startByLink(token: string, before: Stored | null): Promise<void> {
    this.stored = before;
    try {
      const answer = await this.given.api.signInByLink(token);
      this.link = null;
      // Others may use this browser as well.
      if (before?.driver.id !== answer.driver.id) this.given.onDriverGone();
      this.open(answer, String(answer.driver.id), true);
    } catch (error) {
      const reason = error instanceof ApiError && LINK_REFUSALS[error.code];
      if (!reason) return this.fail(error);
      this.link = null;
      this.setState({ name: 'link_refused', reason, appUrl: error.appUrl });
    }
  }

  private open(answer: SignInAnswer, userId: string | null, byLink: boolean): void {
    const { session_token, driver, links, subscription, features, flags } = answer;
    this.given.onAccess({ subscription, features, flags });
    this.keep({ token: session_token, userId, driver, links, ...(byLink && { byLink }) });
    this.setState({ name: 'active', driver, links });
  }

  private async renew(error: ApiError): Promise<boolean> {
    const { launch } = this.given;
    if (await this.takeOver().catch(() => false)) return true;
    if (!launch.initData || this.attempt()?.used || this.barredReason()) {
      this.close(launch.initData ? 'expired' : 'outside', error.appUrl);
      return false;
    }
    await this.signIn(launch.initData);
    return this.stored !== null;
  }

  private close(reason: ClosedReason, appUrl: string | null): void {
    const known = appUrl ?? this.stored?.links.app_url ?? null;
    this.stored = null;
    this.given.storage.remove(SESSION);
    this.given.onEnded();
    this.setState({ name: 'closed', reason, appUrl: known });
    if (known === null && reason !== 'outside') void this.findAppUrl(reason);
  }

  /** After a reload nothing here knows the bot any more; every refusal of the server does. */
  private async findAppUrl(reason: ClosedReason): Promise<void> {
    try {
      const appUrl = await this.given.api.appUrl();
      if (this.state.name === 'closed') this.setState({ name: 'closed', reason, appUrl });
    } catch {
      // The screen stays without its button and says what to do.
    }
  }

  private fail(error: unknown): void {
    this.setState({ name: 'failed', error: asApiError(error) });
  }

  private setState(state: SessionState): void {
    this.state = state;
    this.given.onChange(state);
  }

  private keep(stored: Stored): void {
    this.stored = stored;
    this.given.storage.set(SESSION, stored);
  }

  private read(): Stored | null {
    const value = this.given.storage.get(SESSION) as Partial<Stored> | null;
    return value?.token && value.driver && value.links ? (value as Stored) : null;
  }

  private attempt(): { key: string; used: boolean } | null {
    const value = this.given.storage.get(ATTEMPT) as { hash?: string; key: string; used: boolean } | null;
    return value?.hash === this.given.launch.initDataHash ? value : null;
  }

  private bar(reason: ClosedReason): void {
    this.given.storage.set(BARRED, { hash: this.given.launch.initDataHash, reason });
  }

  private barredReason(): ClosedReason | null {
    const value = this.given.storage.get(BARRED) as { hash?: string | null; reason: ClosedReason } | null;
    return this.given.launch.initData && value?.hash === this.given.launch.initDataHash ? value.reason : null;
  }
}

/** A random UUID (version 4); `crypto.randomUUID` is missing in older web views. */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The `iat` of a JWT in seconds, unverified; null when it cannot be read. */
function issueTime(token: string | null): number | null {
  try {
    const payload = (token ?? '').split('.')[1] ?? '';
    const { iat } = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as { iat?: unknown };
    return typeof iat === 'number' ? iat : null;
  } catch {
    return null;
  }
}
