import { expect, test } from 'vitest';
import { RateLimit, Slots } from './rate-limit.ts';

test('a burst is let through, then so many a second; names do not hinder each other', () => {
  const limit = new RateLimit(2, 3);
  expect([0, 0, 0, 0].map(() => limit.take('a', 0))).toEqual([0, 0, 0, 1]);
  expect(limit.take('b', 0)).toBe(0);
  expect([limit.take('a', 500), limit.take('a', 500)]).toEqual([0, 1]);
  expect(limit.take('a', 60_000)).toBe(0);
});

test('the longest unused name is forgotten beyond the capacity', () => {
  const limit = new RateLimit(1, 1, 2);
  for (const name of ['a', 'b', 'c']) limit.take(name, 0);
  expect([limit.take('c', 0), limit.take('a', 0)]).toEqual([1, 0]);
});

test('no more requests of one name run than there are slots, and a failed one gives its slot back', async () => {
  const slots = new Slots(1);
  const gate = Promise.withResolvers<string>();
  const first = slots.run('a', () => gate.promise);
  expect(await slots.run('a', () => Promise.resolve('second'))).toBeUndefined();
  expect(await slots.run('b', () => Promise.resolve('other'))).toBe('other');
  gate.resolve('first');
  expect(await first).toBe('first');
  await expect(slots.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.run('a', () => Promise.resolve('again'))).toBe('again');
});
