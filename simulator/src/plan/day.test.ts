import { ExamRecord } from '@vigie/schemas/facts/exam';
import { MppsRecord } from '@vigie/schemas/facts/mpps';
import { ProbeRecord } from '@vigie/schemas/facts/probe';
import { StorageRecord, VolumeRecord } from '@vigie/schemas/facts/storage';
import { TransferRecord } from '@vigie/schemas/facts/transfer';
import { UsageRecord } from '@vigie/schemas/facts/usage';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { happeningsOf, shippedConfig, shippedWorld, wire } from '../testkit.ts';
import { planDay, signOfLife } from './day.ts';
import { addDays, midnight } from './paris.ts';
import { World } from './world.ts';

const world = shippedWorld();
const someDay = fc.integer({ min: 0, max: 400 }).map((offset) => addDays('2026-01-01', offset));
const bytes = (of: World, day: string) => happeningsOf(of, [day]).map(wire).join('\n');

test('the same seed, configuration and day give the same bytes, whatever was asked before; another seed gives others', () => {
  const once = bytes(shippedWorld(), '2026-11-10');
  const asked = shippedWorld();
  bytes(asked, '2026-10-03');
  bytes(asked, '2026-11-12');
  expect(bytes(asked, '2026-11-10')).toBe(once);
  expect(bytes(shippedWorld(8), '2026-11-10')).not.toBe(once);
});

test('whatever the day, what is planned for it happens on it, in order, and makes the same message each time', () => {
  fc.assert(
    fc.property(someDay, (day) => {
      const plan = planDay(world, day, '2026-12-24', { probes: true });
      const [begin, end] = [midnight(day), midnight(addDays(day, 1))];
      plan.forEach(({ at }, i) => expect(at >= begin && at < end && at >= (plan[i - 1]?.at ?? 0)).toBe(true));
      plan.forEach(({ at, make }) => expect(make().at).toBe(at));
      const one = plan[Math.floor(plan.length / 2)]?.make;
      if (one) expect(wire(one())).toBe(wire(one()));
    }),
    { numRuns: 10 }
  );
});

test('days that follow one another hold every message once', () => {
  const days = ['2026-10-24', '2026-10-25', '2026-10-26', '2026-10-27'];
  const messages = happeningsOf(world, days).map(wire);
  expect(new Set(messages).size).toBe(messages.length);
});

test('a site says nothing before it is live, and has all its exams after two weeks', () => {
  const says = (day: string) =>
    happeningsOf(world, [day]).filter((one) => /GHAM|"site":"gham"/.test(wire(one))).length;
  expect(says('2026-10-29')).toBe(0);
  expect(says('2026-11-01')).toBe(0);
  expect(says('2026-11-02')).toBeGreaterThan(100);
  expect(says('2026-11-24')).toBeGreaterThan(1.8 * says('2026-11-03'));
});

test('a new site’s first days show AE titles that nobody declared, and their first exams rejected', () => {
  const transfers = happeningsOf(world, ['2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05']).flatMap(
    (one) => (one.kind === 'json' && one.feed === 'transfers' ? [TransferRecord.parse(one.record)] : [])
  );
  const declared = new Set(world.config.systems.flatMap((system) => system.ae_titles));
  const unknown = transfers.filter((one) => !declared.has(one.calling_ae) && one.status_code !== '1/1/3');
  expect(unknown.length).toBeGreaterThan(5);
  expect(new Set(unknown.map(({ calling_ae: ae }) => ae.slice(0, 5)))).toEqual(new Set(['GHAM_']));
  expect(unknown.some(({ reason }) => reason === 'calling-ae-not-recognized')).toBe(true);
  expect(unknown.some(({ occurred_at: at }) => at > '2026-11-05T00:00:00+01:00')).toBe(false);
});

test('JSON records are what the inputs take', () => {
  const schemas = {
    transfers: TransferRecord,
    volumes: VolumeRecord,
    storage: StorageRecord,
    probes: ProbeRecord,
    exams: ExamRecord,
    mpps: MppsRecord,
    usage: UsageRecord
  };
  for (const one of happeningsOf(world, ['2026-10-13', '2026-11-17']))
    if (one.kind === 'json') expect(schemas[one.feed].safeParse(one.record).error?.issues).toBeUndefined();
});

test('a DRIMbox that is declared tells what it exchanged, and none tells anything where there is none', () => {
  const uses = (of: World) =>
    happeningsOf(of, ['2026-11-17']).flatMap((one) =>
      one.kind === 'json' && one.feed === 'usage' && one.record['kind'] !== 'sensor-count'
        ? [UsageRecord.parse(one.record)]
        : []
    );
  const told = uses(world);
  const sum = (...kinds: string[]) =>
    told.filter(({ kind }) => kinds.includes(kind)).reduce((total, { count }) => total + count, 0);
  expect(new Set(told.map(({ system }) => system))).toEqual(new Set(['drimbox']));
  expect(sum('drimbox-call')).toBeGreaterThan(10);
  expect(sum('drimbox-call')).toBe(sum('drimbox-consultation', 'drimbox-source'));
  const without = shippedConfig((text) => text.replace(/ {2}- id: drimbox\n(?: {4,}.*\n)*/, ''));
  expect(uses(new World(without, 7))).toEqual([]);
});

test('nothing is read, reported or deleted before its images have come', () => {
  const arrived = new Map<string, number>();
  const early: string[] = [];
  const days = Array.from({ length: 6 }, (_, i) => addDays('2026-11-12', i));
  const ofThoseDays = new RegExp(
    `^1\\.2\\.250\\.1\\.999\\.7\\.(?:${days.map((day) => day.replaceAll('-', '')).join('|')})\\.`
  );
  for (const one of happeningsOf(world, days)) {
    const told = wire(one);
    const study = /1\.2\.250\.1\.999\.7\.\d+\.\d+\.\d+/.exec(told)?.[0] ?? '';
    if (!ofThoseDays.test(study)) continue;
    if (
      one.kind === 'json' &&
      one.record['called_ae'] === 'DEEPUNITY' &&
      one.record['modality'] !== 'SR' &&
      ['success', 'warning'].includes(String(one.record['status']))
    )
      arrived.set(study, one.at);
    const read =
      one.kind === 'hl7'
        ? told.includes('ORU^R01')
        : one.kind === 'audit' && one.message.event.code !== '110102';
    if (read && (arrived.get(study) ?? Infinity) > one.at) early.push(told);
  }
  expect(arrived.size).toBeGreaterThan(1000);
  expect(early).toEqual([]);
});

test('a month holds what an audit is there to find', () => {
  const days = Array.from({ length: 30 }, (_, i) => addDays('2026-11-01', i));
  const audits = happeningsOf(world, days).flatMap((one) => (one.kind === 'audit' ? [one.message] : []));
  const counts = new Map<string, number>();
  for (const { event, eventTypes = [], outcome } of audits)
    for (const name of [event.code, `outcome ${outcome}`, ...eventTypes.map(({ code }) => code)])
      counts.set(name, (counts.get(name) ?? 0) + 1);
  const all = ['110100', '110102', '110103', '110104', '110105', '110106', '110109', '110110', '110112', '110113', '110114', '110126', '110127', '110139', 'outcome 4', 'outcome 8']; // prettier-ignore
  for (const name of all) expect([name, (counts.get(name) ?? 0) > 0]).toEqual([name, true]);
  const byName = audits.filter(({ event, objects = [] }) => event.code === '110112' && objects.some(({ query = '' }) => Buffer.from(query, 'base64').toString().startsWith('PatientName='))); // prettier-ignore
  expect(byName.length).toBeGreaterThan(5);
  const patients = audits.filter(({ participants }) => participants[0]?.userId.startsWith('patient:'));
  expect(patients.length).toBeGreaterThan(300);
});

test('a group of another shape is played too; one without a PACS is refused with its mend', () => {
  const small = (text: string) =>
    text.replaceAll(/^ {2}- id: (?:vna|emage|pulsy|ia|viewer)\n(?: {4}.*\n)*/gm, '');
  const config = shippedConfig((text) =>
    small(text).replaceAll(
      /^(?:going_live|metrics|pulls|probes|objectives|tariffs):\n(?:(?: .*)?\n)*?(?=\S)/gm,
      ''
    )
  );
  const list = happeningsOf(new World(config, 7), ['2026-11-17']);
  expect(list.length).toBeGreaterThan(3000);
  expect(list.some((one) => /PULSY|E-MAGE|IA_ORCH/.test(wire(one)))).toBe(false);
  expect(wire(signOfLife(new World(config, 7), midnight('2026-11-17')))).toContain('110112');
  expect(
    () =>
      new World(
        shippedConfig((text) => text.replaceAll('kind: pacs', 'kind: other')),
        7
      )
  ).toThrow(/declare systems of kind pacs and ris/);
});

test('what the sensor counts of a day is what it told of it, hour by hour', () => {
  const told = happeningsOf(world, ['2026-11-10']).flatMap((one) => (one.kind === 'json' ? [one] : []));
  const counted = told
    .filter(({ feed, record }) => feed === 'usage' && record['kind'] === 'sensor-count')
    .map(({ record }) => UsageRecord.parse(record));
  const sum = (label: string) =>
    counted.filter((one) => one.label === label).reduce((total, { count }) => total + count, 0);
  const seen = told.filter(({ feed, record }) => feed === 'transfers' && record['observer'] === 'capteur');
  expect(seen.length).toBeGreaterThan(50);
  expect(sum('associations')).toBe(seen.length);
  expect(sum('bytes')).toBeGreaterThan(sum('dataset-bytes'));
  expect(new Set(counted.map(({ occurred_at: at }) => at)).size).toBe(24);
});
