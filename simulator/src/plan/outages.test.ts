import { expect, test } from 'vitest';
import { ProbeRecord } from '@vigie/schemas/facts/probe';
import { happeningsOf, shippedWorld } from '../testkit.ts';
import { healthAt, isSilent } from './health.ts';
import { addDays, clock } from './paris.ts';

const world = shippedWorld(20_261_124);
const daysOf = (month: string, count: number) =>
  Array.from({ length: count }, (_, i) => addDays(`${month}-01`, i));

/** Availability in percent by system, as checks tell it. */
function availability(days: readonly string[]): Map<string, number> {
  const checks = happeningsOf(world, days).flatMap((one) =>
    one.kind === 'json' && one.feed === 'probes' ? [ProbeRecord.parse(one.record)] : []
  );
  return new Map(
    [...Map.groupBy(checks, ({ system }) => system)].map(([system, own]) => [
      system,
      (100 * own.filter(({ success }) => success).length) / own.length
    ])
  );
}

test('the PACS misses its objective in even months, the portal in odd ones; both keep it in the other', () => {
  const [october, november] = [availability(daysOf('2026-10', 31)), availability(daysOf('2026-11', 30))];
  const target = (system: string) =>
    world.config.objectives.find((one) => one.system === system)?.target_percent ?? 0;
  expect(october.get('deepunity')).toBeLessThan(target('deepunity'));
  expect(november.get('deepunity')).toBeGreaterThan(target('deepunity'));
  expect(november.get('emage')).toBeLessThan(target('emage'));
  expect(october.get('emage')).toBeGreaterThan(target('emage'));
  for (const month of [october, november])
    for (const share of month.values()) expect(share).toBeGreaterThan(98);
});

test('checks are one each five minutes, on the days the clocks change too', () => {
  const checks = (day: string) =>
    happeningsOf(world, [day]).filter((one) => one.kind === 'json' && one.record['probe'] === 'vna-echo')
      .length;
  expect([checks('2026-10-24'), checks('2026-10-25'), checks('2027-03-28')]).toEqual([288, 300, 276]);
});

test('while the PACS is down it takes no image and tells nothing; it says when it is back', () => {
  const night = happeningsOf(world, ['2026-10-13']);
  const [from, to] = [clock('2026-10-13', 180), clock('2026-10-13', 310)];
  const during = night.filter(({ at }) => at >= from && at < to);
  expect(healthAt(world, 'deepunity', from)).toBe('down');
  expect(healthAt(world, 'deepunity', to)).toBe('up');
  for (const one of during) {
    if (one.kind === 'audit' && one.by.system === 'deepunity') expect(one.message.event.code).toBe('110102');
    if (one.kind === 'json' && one.record['called_ae'] === 'DEEPUNITY')
      expect([one.record['status'], one.record['reason']]).toEqual(['failure', 'no-response']);
  }
  expect(
    night.some((one) => one.at === to && one.kind === 'audit' && one.message.event.code === '110100')
  ).toBe(true);
});

test('one modality has been silent since this morning, and only today', () => {
  expect(isSilent(world, 'troyes-mr-2', clock('2026-11-24', 660), '2026-11-24')).toBe(true);
  expect(isSilent(world, 'troyes-mr-2', clock('2026-11-24', 470), '2026-11-24')).toBe(false);
  expect(isSilent(world, 'troyes-mr-2', clock('2026-11-24', 660), '2026-11-25')).toBe(false);
  expect(isSilent(world, 'troyes-mr-1', clock('2026-11-24', 660), '2026-11-24')).toBe(false);
});
