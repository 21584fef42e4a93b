import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, type DriverResponse, type Offer } from './api';
import { changeDraft, createResponding, draftErrors, draftFor } from './responding';

type Reply = DriverResponse | ApiError;

const world = vi.hoisted(() => ({
  phone: null as string | null,
  replies: [] as unknown[],
  sent: [] as unknown[],
  saved: [] as unknown[],
  taken: [] as unknown[],
  dropped: [] as string[],
  shared: 'refused' as string,
  paying: [] as string[],
}));
vi.mock('./app', () => ({
  driver: () => ({ phone: world.phone }),
  session: { setDriver: () => undefined },
  rememberCargo: () => world.paying.push('remember'),
  refreshAccess: async () => world.paying.push('refresh'),
  api: {
    saveMe: async (change: unknown) => world.saved.push(change),
    respond: async (_: string, offer: unknown) => {
      world.sent.push(offer);
      const reply = world.replies.shift();
      if (reply instanceof Error) throw reply;
      return reply;
    },
  },
}));
vi.mock('./contact', () => ({ sharePhone: async () => world.shared }));
vi.mock('./openedCargos', () => ({
  isGone: (error: ApiError) => error.code === 'cargo_gone',
  openCargo: async () => undefined,
  dropCargo: (id: string) => world.dropped.push(id),
}));
vi.mock('./responses', () => ({ responses: { take: (responses: unknown[]) => world.taken.push(...responses) } }));
vi.mock('./route', () => ({ navigate: (route: { name: string }) => world.paying.push(route.name) }));
vi.mock('./telegram', () => ({ haptic: () => undefined }));

const made = { id: 'r1', status: 'queued' } as DriverResponse;
const gone: ApiError[] = [];
let last = 0;

beforeEach(() => {
  Object.assign(world, { phone: '+79161234567', replies: [], sent: [], saved: [], taken: [], dropped: [], paying: [], shared: 'refused' });
  gone.length = 0;
});

/** Responding to a cargo of this price that nobody has responded to, over a server that replies so. */
function respondingTo(price: number | null, ...replies: Reply[]) {
  last += 1;
  const id = `c${last}`;
  world.replies = replies;
  return { id, ...createResponding(id, () => price, (error) => gone.push(error)) };
}

const prices = () => world.sent.map((offer) => (offer as Offer).seen_price_rub);

describe('responding', () => {
  it('sends once for two taps', async () => {
    const { send, busy } = respondingTo(50_000, made);
    const both = [send(), send()];
    expect(busy()).toBe('sending');
    expect(await Promise.all(both)).toEqual([true, true]);
    expect([world.sent.length, world.taken, busy()]).toEqual([1, [made], null]);
  });

  it('shows a new price, and the next tap agrees to it', async () => {
    const { send, trouble } = respondingTo(50_000, new ApiError('cargo_changed', 409, null, null, [], null, null, null, 45_000), made);
    await send();
    expect(trouble()).toEqual({ name: 'changed', was: 50_000, now: 45_000 });
    await send();
    expect([prices(), trouble()]).toEqual([[50_000, 45_000], null]);
  });

  it('keeps what was typed until it is sent', async () => {
    const { id, send, trouble } = respondingTo(null, new ApiError('offline'), made);
    changeDraft(id, { comment: 'Буду к 8', price: '45 000' });
    await send();
    expect([trouble()?.name, draftFor(id).comment]).toEqual(['failed', 'Буду к 8']);
    await send();
    expect(world.sent[1]).toEqual({ phone: null, comment: 'Буду к 8', price_rub: 45_000, seen_price_rub: 0 });
    expect([trouble(), draftFor(id).comment]).toEqual([null, '']);
  });

  it('shows the response that is already there', async () => {
    const { send, trouble } = respondingTo(1, new ApiError('response_exists', 409, null, null, [], null, null, made));
    expect(await send()).toBe(true);
    expect([world.taken, trouble()]).toEqual([[made], null]);
  });

  it('tells when the cargo is gone', async () => {
    const { id, send } = respondingTo(1, new ApiError('cargo_gone', 409));
    await send();
    expect([gone.length, world.dropped]).toEqual([1, [id]]);
  });

  it('asks nobody while a field is wrong, and says what the server finds wrong at its field', async () => {
    world.phone = null;
    const { id, send } = respondingTo(1, new ApiError('validation_failed', 422, null, null, [{ field: 'comment', code: 'too_long', message: '' }]));
    expect(await send()).toBe(false);
    expect([draftErrors(id), world.sent.length]).toEqual([{ phone: 'missing' }, 0]);
    changeDraft(id, { phone: '8 916 765 43 21' });
    expect(draftErrors(id)).toEqual({});
    expect(await send()).toBe(false);
    expect(draftErrors(id)).toEqual({ comment: 'comment' });
  });

  it('leads to the subscription when that is needed, and keeps what was typed', async () => {
    const { id, send, trouble } = respondingTo(1, new ApiError('subscription_required', 402));
    changeDraft(id, { comment: 'Буду к 8' });
    await send();
    expect(world.paying).toEqual(['remember', 'refresh', 'subscription']);
    expect([trouble(), draftFor(id).comment]).toEqual([null, 'Буду к 8']);
  });

  it('remembers a first number for the next time, and only a first one', async () => {
    const other = respondingTo(1, made);
    changeDraft(other.id, { phone: '+7 916 000-00-00' });
    await other.send();
    expect(world.saved).toEqual([]);
    world.phone = null;
    const first = respondingTo(1, made);
    changeDraft(first.id, { phone: '8 916 765 43 21' });
    await first.send();
    expect(world.saved).toEqual([{ phone: '+79167654321' }]);
  });

  it('says how a number that was asked for did not come', async () => {
    const { share, trouble } = respondingTo(1);
    expect(await share()).toBe(false);
    expect(trouble()).toEqual({ name: 'phone', shared: 'refused' });
    world.shared = 'confirmed';
    expect(await share()).toBe(true);
    expect(trouble()).toBeNull();
  });
});
