import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sharePhone } from './contact';

const world = vi.hoisted(() => ({ sent: true, me: [] as (object | Error)[], looks: 0, driver: null as unknown }));
vi.mock('../../platform/telegram', () => ({ requestPhone: async () => world.sent }));
vi.mock('../shell/app', () => ({
  api: {
    me: async () => {
      const answer = world.me[Math.min(world.looks++, world.me.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  },
  session: { setDriver: (me: unknown) => (world.driver = me) },
}));

const without = { phone: null, phone_confirmed: false };
const typed = { phone: '+79160000000', phone_confirmed: false };
const confirmed = { phone: '+79161234567', phone_confirmed: true };

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(world, { sent: true, me: [without], looks: 0, driver: null });
  return () => vi.useRealTimers();
});

async function share(seconds: number): Promise<unknown> {
  let outcome: unknown = 'waiting';
  void sharePhone().then((shared) => (outcome = shared));
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  return outcome;
}

describe('a shared number', () => {
  it('is waited for until the profile has it confirmed, also over a bad network', async () => {
    world.me = [without, new Error('lost'), typed, confirmed];
    expect(await share(3)).toBe('waiting');
    world.looks = 0;
    expect(await share(4)).toBe('confirmed');
    expect(world.driver).toEqual(confirmed);
  });

  it('that does not come is given up after ten seconds', async () => {
    expect(await share(9)).toBe('waiting');
    world.looks = 0;
    expect(await share(10)).toBe('late');
    expect([world.looks >= 10, world.driver]).toEqual([true, null]);
  });

  it('is not waited for when the driver refused', async () => {
    world.sent = false;
    expect(await share(0)).toBe('refused');
    expect(world.looks).toBe(0);
  });
});
