import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { common, dayOf, type Span } from './oracle/exams.ts';
import { BoardBench } from './testkit.ts';

/** Exams as they were, told as messages and counted here a second time. */
interface Done {
  readonly accession: string;
  readonly site: 'troyes' | 'hpa';
  readonly modality: 'CT' | 'MR' | 'DX';
  readonly room: string;
  readonly patient_class: 'outpatient' | 'inpatient' | 'emergency';
  readonly ordered: number;
  readonly started: number;
  readonly ended: number;
  readonly outcome: 'done' | 'cancelled' | 'no-show';
  readonly visit: number;
  readonly acts: number | null;
  readonly reader: { readonly id: string; readonly site: string; readonly level: string } | undefined;
}

const minute = 60_000;
const from = Date.parse('2026-10-12T00:00:00+02:00');
const complete = Date.parse('2026-11-24T00:00:00+01:00');
const week = 7 * 86_400_000;

/** Openings of 08:00 to 18:00 in Paris, on weekdays. */
const opening = Array.from({ length: 330 }, (_, i) => Date.parse('2026-01-01T12:00:00Z') + i * 86_400_000).flatMap((noon) => {
  const day = dayOf(noon);
  const offset = day >= '2026-03-29' && day < '2026-10-25' ? '+02:00' : '+01:00';
  const at = (time: string) => Date.parse(`${day}T${time}:00${offset}`) / 1000;
  return [0, 6].includes(new Date(noon).getUTCDay()) ? [] : [['day', at('08:00'), at('18:00')] as const];
}); // prettier-ignore
const rooms = [
  ['CT1', 'troyes-ct-1', 'troyes', 'day'],
  ['CT2', 'troyes-ct-2', 'troyes', 'day'],
  ['MR1', 'hpa-mr-1', 'hpa', 'day']
] as const;

/** Starts by day and by night, around midnight and around the night winter time begins; rooms overlap. */
const start = fc.oneof(
  fc.integer({ min: Date.parse('2026-10-24T20:00:00Z') / minute, max: Date.parse('2026-10-25T04:00:00Z') / minute }),
  fc.integer({ min: Date.parse('2026-11-02T22:30:00Z') / minute, max: Date.parse('2026-11-02T23:30:00Z') / minute }),
  fc.integer({ min: Date.parse('2026-09-01T05:00:00Z') / minute, max: complete / minute - 120 })
).map((at) => at * minute); // prettier-ignore
const exam = fc
  .record({
    room: fc.constantFrom('CT1', 'CT2', 'MR1', 'MR1', 'DX9'),
    patient_class: fc.constantFrom('outpatient' as const, 'outpatient' as const, 'inpatient' as const, 'emergency' as const),
    started: start,
    minutes: fc.integer({ min: 2, max: 90 }),
    waited: fc.integer({ min: 0, max: 60_000 }),
    outcome: fc.constantFrom('done' as const, 'done' as const, 'done' as const, 'done' as const, 'cancelled' as const, 'no-show' as const),
    visit: fc.integer({ min: 1, max: 400 }),
    acts: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
    reader: fc.option(fc.record({ id: fc.integer({ min: 1, max: 9 }), site: fc.constantFrom('troyes', 'hpa', ''), level: fc.constantFrom('', '', '', 'region') }), { nil: undefined })
  })
  .map(({ started, minutes, waited, room, reader, ...rest }): Omit<Done, 'accession'> => ({
    ...rest,
    room,
    site: room === 'MR1' ? 'hpa' : 'troyes',
    modality: room === 'MR1' ? 'MR' : room === 'DX9' ? 'DX' : 'CT',
    started,
    ended: started + minutes * minute,
    ordered: started - waited * minute,
    reader: reader && { ...reader, id: `${reader.site}${reader.id % (reader.site === 'hpa' ? 3 : 9)}` }
  })); // prettier-ignore

let bench: BoardBench;
let all: Done[];
let seq = 0;
const iso = (ms: number) => new Date(ms).toISOString();
const told = (one: Done, milestone: string, at: number, more: Record<string, unknown> = {}) => ({
  lane: 'ops', collector: 'c1', seq: ++seq, received_at: iso(complete), told_at: iso(at), occurred_at: iso(at), retention: 'ops', source: 'ris', milestone,
  accession: one.accession, site: one.site, establishment: one.site, modality: one.modality, room: one.room, patient_class: one.patient_class,
  study: `1.2.${one.accession.length % 7}.${one.visit}`, visit: String(one.visit).padStart(16, '0'), acts: one.acts, ...more
}); // prettier-ignore

beforeAll(async () => {
  bench = await BoardBench.start();
  all = fc.sample(exam, { numRuns: 1500, seed: 41 }).map((one, n) => ({ ...one, accession: `E${n}` }));
  await bench.insert(
    'ops.exam_event',
    all.flatMap((one) => [
      told(one, 'ordered', one.ordered),
      ...(one.outcome === 'done'
        ? [
            told(one, 'started', one.started),
            told(one, 'ended', one.ended),
            ...(one.reader === undefined
              ? []
              : [
                  told(one, 'signed', one.ended + 3_600_000, {
                    actor_id: one.reader.id,
                    actor_site: one.reader.site,
                    reader_level: one.reader.level
                  })
                ])
          ]
        : [told(one, one.outcome, one.started, { appointment_at: iso(one.started) })])
    ])
  );
}, 60_000);
afterAll(() => bench.engine.stop());

const window = {
  from: new Date(from),
  to: new Date(complete),
  complete: new Date(complete),
  before_from: new Date(from - 6 * week),
  before_to: new Date(complete - 6 * week),
  now: new Date(complete + 8 * 3_600_000),
  scope: ['troyes', 'hpa'],
  sites: ['troyes', 'hpa'],
  hours: opening.filter(([, opens]) => opens * 1000 >= from && opens * 1000 < complete),
  rooms,
  fees: [['CT', 100, 400], ['MR', 300, 600]] as const,
  buffer: 5
}; // prettier-ignore
const ask = (panel: string, changed = {}) =>
  bench.panel(
    ['rooms', 'appointments', 'missed', 'staff', 'fees'].includes(panel) ? 'capacity' : 'activity',
    panel,
    { ...window, ...changed }
  );
const within = (at: number) => dayOf(at) >= '2026-10-12' && dayOf(at) < '2026-11-24';
const done = () => all.filter((one) => one.outcome === 'done' && within(one.ended));
const by = <T>(rows: readonly T[], key: (one: T) => string) => [...Map.groupBy(rows, key)];
const quantile = (values: readonly number[], share: number) => values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? 0; // prettier-ignore

test('exams, studies, visits and acts are counted each in its own unit', async () => {
  const expected = by(done(), (one) => one.site).map(([site, of]) => ({
    site,
    exams: of.length,
    studies: new Set(of.map((one) => `1.2.${one.accession.length % 7}.${one.visit}`)).size,
    visits: new Set(of.map((one) => one.visit)).size,
    acts: of.reduce((sum, one) => sum + (one.acts ?? 0), 0)
  }));
  expect((await ask('units')).toSorted((a, b) => (String(a['site']) < String(b['site']) ? -1 : 1))).toEqual(
    expected.toSorted((a, b) => (a.site < b.site ? -1 : 1))
  );
});

test('a room is occupied while exams and their buffers lie in its opening hours, overlaps once', async () => {
  const rows = await ask('rooms');
  const spans = window.hours.map(([, opens, closes]): Span => [opens * 1000, closes * 1000]);
  const open = spans.reduce((sum, [a, b]) => sum + b - a, 0);
  expect(rows.map((row) => row['room']).toSorted()).toEqual(['CT1', 'CT2', 'DX9', 'MR1']);
  for (const row of rows) {
    const mine = done().filter((one) => one.room === row['room']);
    const busy = common(mine.map((one): Span => [one.started, one.ended + 5 * minute]), spans);
    expect(row['exams']).toBe(mine.length);
    expect(row['length_ms']).toBe(quantile(mine.map((one) => one.ended - one.started), 0.5));
    if (row['room'] === 'DX9') expect(row['occupancy']).toBeNull();
    else expect(row['occupancy'], String(row['room'])).toBeCloseTo((100 * busy) / open, 6);
  }
}); // prettier-ignore

test('a site is held against its own past and the others', async () => {
  const was = all.filter((one) => one.outcome === 'done' && dayOf(one.ended) >= dayOf(+window.before_from) && dayOf(one.ended) < dayOf(+window.before_to));
  for (const row of await ask('by-site')) {
    const [now, before] = [done(), was].map((of) => of.filter((one) => one.site === row['site']).length) as [number, number];
    const known = done().filter((one) => one.site === row['site'] && (one.reader?.site ?? '') !== '');
    // Vigie counted nothing yet when that period began: no comparison.
    expect(row).toMatchObject({ exams: now, was: before, before: null, change: null });
    expect(row['share']).toBeCloseTo((100 * now) / done().length, 6);
    expect(row['elsewhere']).toBeCloseTo((100 * known.filter((one) => one.reader?.site !== one.site).length) / known.length, 6);
  }
}); // prettier-ignore

test('appointments are as long as they were, in days', async () => {
  const rows = await ask('appointments');
  const groups = by(done().filter((one) => one.patient_class !== 'emergency'), (one) => `${one.modality} ${one.patient_class}`);
  expect(rows).toHaveLength(groups.length);
  for (const [key, of] of groups) {
    const row = rows.find((one) => `${one['modality']} ${one['patient_class']}` === key);
    const days = of.map((one) => (one.started - one.ordered) / 86_400_000);
    expect(row?.['realised']).toBeCloseTo(quantile(days, 0.5), 6);
    expect(row?.['slow']).toBeCloseTo(quantile(days, 0.9), 6);
    expect(row?.['third']).toBe('untold');
  }
}); // prettier-ignore

test('who did not come and what was cancelled are shares of what was planned', async () => {
  const planned = all.filter((one) => one.patient_class !== 'emergency' && within(one.outcome === 'done' ? one.ended : one.started));
  for (const row of await ask('missed')) {
    const mine = planned.filter((one) => one.site === row['site']);
    const of = (outcome: Done['outcome']) => mine.filter((one) => one.outcome === outcome).length;
    expect(row).toMatchObject({ planned: mine.length, cancelled: of('cancelled'), no_shows: of('no-show') });
    expect(row['no_show_share']).toBeCloseTo((100 * of('no-show')) / mine.length, 6);
  }
}); // prettier-ignore

test('each signed exam is read at one level', async () => {
  const levelOf = ({ reader, site }: Done) => reader?.level || (reader?.site === '' ? '' : reader?.site === site ? 'site' : 'group');
  const signed = done().filter((one) => one.reader !== undefined);
  const rows = await ask('levels');
  expect(Object.fromEntries(rows.map((row) => [row['level'], row['exams']]))).toEqual(
    Object.fromEntries(by(signed, levelOf).map(([level, of]) => [level, of.length]))
  );
  expect(rows.reduce((sum, row) => sum + Number(row['share']), 0)).toBeCloseTo(100, 6);
}); // prettier-ignore

test('the load of readers is told by group, with how many they are', async () => {
  const known = done().filter((one) => (one.reader?.site ?? '') !== '');
  for (const row of await ask('staff')) {
    const mine = known.filter((one) => one.reader?.site === row['actor_site']);
    expect(row).toMatchObject({
      people: new Set(mine.map((one) => one.reader?.id)).size,
      exams: mine.length
    });
  }
});

test('a machine’s fees are projected to the end of the year, with an interval', async () => {
  const year = { from: new Date('2026-01-01T00:00:00+01:00'), to: new Date('2027-01-01T00:00:00+01:00') };
  const rows = await ask('fees', year);
  const counted = all.filter((one) => one.outcome === 'done' && ['CT', 'MR'].includes(one.modality) && one.patient_class !== 'inpatient' && dayOf(one.ended) < '2026-11-24');
  expect(rows.map((row) => row['system']).toSorted()).toEqual(['hpa-mr-1', 'troyes-ct-1', 'troyes-ct-2']);
  for (const row of rows) {
    const room = rooms.find(([, system]) => system === row['system'])?.[0];
    const mine = counted.filter((one) => one.room === room);
    const weeks = Array.from({ length: 8 }, (_, w) =>
      mine.filter((one) => dayOf(one.ended) >= dayOf(complete - (w + 1) * week + 7_200_000) && dayOf(one.ended) < dayOf(complete - w * week + 7_200_000)).length
    );
    const mean = weeks.reduce((sum, one) => sum + one, 0) / 8;
    const variance = weeks.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 7;
    const ahead = 38 / 7;
    const half = 1.2816 * Math.sqrt(variance * ahead + (ahead ** 2 * variance) / 8);
    expect(row).toMatchObject({ so_far: mine.length, weeks: 8 });
    expect(Math.abs(Number(row['year_end']) - (mine.length + mean * ahead))).toBeLessThanOrEqual(0.5);
    expect(Math.abs(Number(row['year_high']) - (mine.length + mean * ahead + half))).toBeLessThanOrEqual(0.5);
    expect(Number(row['year_low'])).toBeGreaterThanOrEqual(mine.length);
  }
}); // prettier-ignore
