import { expect, test } from 'vitest';
import { soakDiskFull } from './disk-full.ts';
import { soakKills } from './kills.ts';
import { soakOutage } from './outage.ts';

const quiet = () => undefined;

test(
  'collector, engine and console killed while messages come in: all that was acknowledged is there once, and the chain verifies',
  { timeout: 400_000 },
  async () => {
    const found = await soakKills({ messages: 20_000, kills: 6 }, quiet);
    expect(found).toMatchObject({ messages: 20_000, kills: { collector: 2, engine: 2, console: 2 } });
    expect(found.verified_blocks).toBeGreaterThan(2);
  }
);

test('an engine that was away is caught up with, and the collector says so meanwhile', async () => {
  expect((await soakOutage({ seconds: 8, perSecond: 200 }, quiet)).messages).toBe(1600);
});

test('a disk that is full loses nothing, and the collector says so meanwhile', async () => {
  expect((await soakDiskFull(20_000, quiet)).refused_batches).toBeGreaterThan(0);
});
