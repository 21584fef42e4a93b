import { describe, expect, it } from 'vitest';
import { ApiError, send } from '../api';
import { linkTrouble, shipperRequest, tokenIn } from './decision';

describe('the token of a link', () => {
  it('is what stands behind the #', () => {
    expect(tokenIn('#abc-DEF_1.x~y=')).toBe('abc-DEF_1.x~y=');
    for (const hash of ['', '#', '#а', '#a b', '#a\nb', `#${'a'.repeat(501)}`]) expect(tokenIn(hash)).toBeNull();
  });

  it('travels in a header and never in the address', async () => {
    const calls: [string, unknown][] = [];
    const request = (async (path: string, call: unknown) => {
      calls.push([path, call]);
      return { body: { status: 'sent' }, headers: new Headers() };
    }) as typeof send;
    await shipperRequest('t1', undefined, request);
    const decision = { decision: 'reject' as const, reason: 'Нужен тент' };
    expect(await shipperRequest('t1', decision, request)).toEqual({ status: 'sent' });
    const headers = { 'x-shipper-token': 't1' };
    expect(calls).toEqual([
      ['shipper/response', { headers }],
      ['shipper/response', { method: 'POST', headers, body: decision }],
    ]);
  });
});

describe('a link', () => {
  it('is of no use when it is unknown or too old', () => {
    expect(linkTrouble(new ApiError('link_invalid', 404))).toBe('invalid');
    expect(linkTrouble(new ApiError('link_expired', 410))).toBe('expired');
    for (const error of [new ApiError('offline'), new ApiError('response_closed', 409), new ApiError('rate_limited', 429)]) {
      expect(linkTrouble(error)).toBeNull();
    }
  });
});
