import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Card, Offer } from '../../api/driver';
import { type Kept, type Stopped, setKept } from './outbox';
import { createResponding } from './responding';
import { changeDraft, draftErrors, draftFor } from './responseDrafts';

const world = vi.hoisted(() => ({
  phone: null as string | null,
  put: [] as unknown[][],
  shared: 'refused' as string,
}));
vi.mock('../shell/app', () => ({ driver: () => ({ phone: world.phone }) }));
vi.mock('../profile/contact', () => ({ sharePhone: async () => world.shared }));
vi.mock('../shell/display', () => ({ routeText: () => 'Казань → Самара' }));
vi.mock('../../platform/pressGuard', () => ({ screenEntered: () => undefined }));
vi.mock('./sending', () => ({ outbox: { put: (...entry: unknown[]) => world.put.push(entry) } }));
vi.mock('../../platform/telegram', () => ({ haptic: () => undefined }));

let last = 0;

beforeEach(() => {
  Object.assign(world, { phone: '+79161234567', put: [], shared: 'refused' });
  setKept([]);
});

/** Responding to a cargo of this price that nobody has responded to. */
function respondingTo(price_rub: number | null) {
  last += 1;
  const id = `c${last}`;
  return { id, ...createResponding(() => ({ id, price_rub }) as Card) };
}

/** What the outbox was given: cargo and offer. */
const offers = () => world.put.map((entry) => entry[2] as Offer);

function stop(cargoId: string, stopped: Stopped): void {
  setKept([{ cargoId, state: 'stopped', stopped } as Kept]);
}

describe('responding', () => {
  it('puts what is typed on its way, with the price that the driver saw, and keeps it typed until it is there', () => {
    const { id, send } = respondingTo(50_000);
    changeDraft(id, { comment: 'Буду к 8', price: '45 000' });
    expect(send()).toBe(true);
    const offer = { phone: null, comment: 'Буду к 8', price_rub: 45_000, seen_price_rub: 50_000 };
    expect(world.put).toEqual([[id, { route: 'Казань → Самара', price_rub: 50_000 }, offer]]);
    expect(draftFor(id).comment).toBe('Буду к 8');
  });

  it('agrees to a new price with the next press after it was shown', () => {
    const { id, send, trouble } = respondingTo(50_000);
    stop(id, { name: 'changed', was: 50_000, now: 45_000 });
    expect(trouble()).toEqual({ name: 'changed', was: 50_000, now: 45_000 });
    send();
    expect(offers().map(({ seen_price_rub }) => seen_price_rub)).toEqual([45_000]);
  });

  it('sends nothing while a field is wrong', () => {
    world.phone = null;
    const { id, send } = respondingTo(1);
    expect(send()).toBe(false);
    expect([draftErrors(id), offers()]).toEqual([{ phone: 'missing' }, []]);
    changeDraft(id, { phone: '8 916 765 43 21' });
    expect(draftErrors(id)).toEqual({});
    expect(send()).toBe(true);
    expect(offers()[0]?.phone).toBe('+79167654321');
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
