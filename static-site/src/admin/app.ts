import { createSignal } from 'solid-js';
import { type AdminMe, createAdminApi, type Permission } from '../api/admin';
import { ApiError, asApiError } from '../api/error';
import { createSessionApi, type Seat, type SignInAnswer } from '../api/session';
import { readLaunch } from '../platform/launch';
import { ADMIN, ADMIN_PREFIX, forgetPersonal, LANGUAGE } from '../platform/personal';
import { guardPresses, screenEntered } from '../platform/pressGuard';
import { randomUuid, Session, type SessionState } from '../platform/session';
import { type KeyValue, openStorage } from '../platform/storage';
import { startTelegram } from '../platform/telegram';
import { chooseWords } from './messages';
import { startRouter } from './route';

/**
 * The admin page as a whole: its parts, made once and wired together. It has a session of its own, so that whoever administers is
 * signed in here and in the app, on a phone and at a desk, at once.
 */

const storage = openStorage(() => localStorage);
const launch = readLaunch(
  location,
  openStorage(() => sessionStorage),
);

const [sessionState, setSessionState] = createSignal<SessionState>({ name: 'starting' });
const [me, setMe] = createSignal<AdminMe | null>(null);
const [refusal, setRefusal] = createSignal<ApiError | null>(null);

export { me, refusal, sessionState };

export const api = createAdminApi(() => session);

/** Phones and tablets have a session apart from that of a computer. */
const seat: Seat = matchMedia('(pointer: coarse)').matches ? 'phone' : 'desk';
const sessionApi = createSessionApi(() => session);

/** The storage under names of this page's own. */
const own: KeyValue = {
  get: (key) => storage.get(ADMIN_PREFIX + key),
  set: (key, value) => storage.set(ADMIN_PREFIX + key, value),
  remove: (key) => storage.remove(ADMIN_PREFIX + key),
};

/** Whoever is signed in to the app on this phone, and has used this launch up there, comes in with that session. */
async function handOver(): Promise<SignInAnswer | null> {
  const app = storage.get('session') as { token?: string; userId?: string | null } | null;
  const attempt = storage.get('attempt') as { hash?: string | null; used?: boolean } | null;
  const isUsed = launch.initData === null || (attempt?.hash === launch.initDataHash && attempt.used === true);
  if (!isUsed || !app?.token || (launch.userId !== null && app.userId !== launch.userId)) return null;
  try {
    return await sessionApi.openAdmin(app.token, seat);
  } catch (error) {
    // That session has ended: the page says how to come in.
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export const session: Session = new Session({
  launch,
  api: { ...sessionApi, signIn: (initData, key) => sessionApi.signInToAdmin(initData, key, seat) },
  storage: own,
  handOver,
  newKey: randomUuid,
  now: Date.now,
  onChange: setSessionState,
  onAccess: () => undefined,
  onDriverGone: () => forgetPersonal(storage),
  onEnded: () => undefined,
});

/** Whether the admin may do this. The server alone decides; this saves a useless button. */
export function may(permission: Permission): boolean {
  return me()?.permissions.includes(permission) ?? false;
}

/** The link that opens the app from the bot, at this page. */
export function appUrl(): string | null {
  const state = sessionState();
  const url = state.name === 'active' ? state.links.app_url : state.name === 'closed' ? state.appUrl : null;
  return url === null ? null : `${url}${url.includes('?') ? '&' : '?'}startapp=admin`;
}

/** Starts everything. Resolves when the words are there. */
export async function startAdmin(): Promise<void> {
  guardPresses();
  startTelegram(launch);
  startRouter();
  const chosen = storage.get(LANGUAGE);
  void enter();
  await chooseWords(
    chosen === 'ru' || chosen === 'en' ? chosen : null,
    launch.languageCode ?? navigator.language ?? null,
  );
}

/** How near its end a sign-in is renewed, if this launch can. */
const RENEW_MS = 15 * 60_000;

/** Signs in and asks who this is. */
export async function enter(): Promise<void> {
  setRefusal(null);
  await session.start();
  if (sessionState().name !== 'active') return;
  try {
    let answer = await api.me();
    // Whoever has just come from the bot is not to be sent there again.
    if (Date.parse(answer.fresh_until) - Date.now() < RENEW_MS && (await session.signInAnew())) answer = await api.me();
    setMe(answer);
    screenEntered();
    storage.set(ADMIN, true);
  } catch (error) {
    const refused = asApiError(error);
    if (refused.code === 'admin_only') storage.remove(ADMIN);
    setRefusal(refused);
  }
}

/** Runs a command; once more after a new sign-in when the last is too long ago and this launch is good for one. */
export async function withFreshSignIn<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'sign_in_too_old' || !(await session.signInAnew())) throw error;
    return command();
  }
}
