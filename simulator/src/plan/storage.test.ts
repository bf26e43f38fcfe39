import { VolumeRecord } from '@vigie/schemas/facts/storage';
import { expect, test } from 'vitest';
import { happeningsOf, shippedWorld } from '../testkit.ts';
import { addDays, clock, midnight } from './paris.ts';
import { census, stateOf } from './storage.ts';

const world = shippedWorld();
const pool = (name: string) => {
  const found = world.pools.find((one) => one.pool === name);
  if (!found) throw new Error(`no pool ${name}`);
  return found;
};
const noon = (day: string) => clock(day, 720);

test('NL-1 is full within 40 to 60 days, the others not within a year', () => {
  const daysLeft = (name: string) => {
    const [before, now] = [
      stateOf(world, pool(name), noon('2026-10-27')),
      stateOf(world, pool(name), noon('2026-11-24'))
    ];
    return (now.capacity - now.used) / ((now.used - before.used) / 28);
  };
  expect(daysLeft('NL-1')).toBeGreaterThan(40);
  expect(daysLeft('NL-1')).toBeLessThan(60);
  for (const name of ['ON-1', 'VNA-1', 'PULSY-A']) expect(daysLeft(name)).toBeGreaterThan(365);
});

test('a pool that would be full gets more disks: at any time it holds what is in it', () => {
  for (let day = '2025-01-01'; day < '2029-01-01'; day = addDays(day, 17))
    for (const one of world.pools) {
      const { used, capacity } = stateOf(world, one, noon(day));
      expect(used).toBeGreaterThan(0);
      expect(used / capacity).toBeLessThan(0.97);
    }
});

test('disks fill on working days, as fast as studies come', () => {
  const days = Array.from({ length: 28 }, (_, i) => addDays('2026-11-17', i));
  const volumes = happeningsOf(world, days).flatMap((one) =>
    one.kind === 'json' && one.feed === 'volumes' ? [VolumeRecord.parse(one.record)] : []
  );
  for (const name of ['NL-1', 'VNA-1', 'PULSY-A']) {
    const told = volumes.filter((one) => one.pool === name).reduce((sum, { bytes }) => sum + bytes, 0);
    const [first, last] = [midnight('2026-11-17'), midnight('2026-12-15')];
    const grown = stateOf(world, pool(name), last).used - stateOf(world, pool(name), first).used;
    expect(told / grown).toBeGreaterThan(0.85);
    expect(told / grown).toBeLessThan(1.15);
  }
  const grown = (day: string) =>
    stateOf(world, pool('NL-1'), noon(addDays(day, 1))).used - stateOf(world, pool('NL-1'), noon(day)).used;
  expect(grown('2026-11-24')).toBeGreaterThan(2 * grown('2026-11-21'));
  const online = volumes.filter((one) => one.pool === 'ON-1');
  expect(online.some(({ reason, bytes }) => reason === 'deleted' && bytes < 0)).toBe(true);
  expect(Math.abs(online.reduce((sum, { bytes }) => sum + bytes, 0))).toBeLessThan(0.1 * 30e9 * 28);
});

test('a census holds all that the pools hold, by site and modality', () => {
  const at = midnight('2026-09-25');
  const records = census(world, at).map((one) => VolumeRecord.parse(one));
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  for (const one of world.pools) {
    const told = records
      .filter(({ pool: name }) => name === one.pool)
      .reduce((sum, { bytes }) => sum + bytes, 0);
    expect(Math.abs(told - stateOf(world, one, at).used)).toBeLessThan(100);
  }
});
