import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { columnStarts, windowOf } from '#lib/explorer/window.ts';
import { cursorOf } from './cursor.ts';
import { exportRows } from './export/rows.ts';
import { anyFacet, matches, newestFirst } from './match.ts';
import { actsOf, daysOf, facetsOf, histogramOf, pageOf } from './read.ts';
import type { AccessRow } from '../query/access.ts';

let engine: TestEngine;
const all: AccessRow[] = [];
const hex = (n: number) => n.toString(16).padStart(32, '0');
/** Pseudonym of a patient: 16 bytes that are text, so that JSON carries them. */
const patientHex = (n: number) => Buffer.from(`patient-${String(n).padStart(8, '0')}`).toString('hex');
const start = Date.UTC(2026, 9, 20);
const pick = <T>(list: readonly T[], n: number) => list[n % list.length] as T;
const everything = { ...anyFacet, scope: ['ch-troyes', 'gham', ''], lane: 'audit', codes: [], patients: [], actors: [], study: '' }; // prettier-ignore

/** Row `n` of 3,000 over ten days that hold the 25-hour day, with every facet's values and a few patients, users and studies. */
function row(n: number): AccessRow {
  const person = n % 3 > 0;
  return {
    id: `c1-audit-${n}-0`,
    collector: 'c1',
    seq: n,
    sub: 0,
    occurred_at: new Date(start + ((n * 7919) % 3000) * 288_000),
    event_code: pick(['110103', '110103', '110104', '110112', '110114'], n),
    event_types: [],
    action: pick(['R', 'E', 'C'], n),
    outcome: n % 50 === 0 ? 8 : 0,
    actor_id: person ? hex(n % 11) : pick(['PACS', 'VNA'], n),
    actor_kind: person ? 'person' : 'application',
    actor_role: pick(['radiologue', 'secretaire', ''], n),
    patients: n % 5 === 4 ? [] : [patientHex(n % 37)],
    studies: n % 5 === 4 ? [] : [`1.2.250.${n % 101}`],
    accessions: n % 4 === 0 ? [`A${n % 101}`] : [],
    modalities: n % 6 === 0 ? [] : [pick(['CT', 'MR', 'DX'], n)],
    site: pick(['troyes', 'gham', ''], n),
    source: pick(['deepunity', 'viewer', 'vna', 'ris'], n),
    emergency: n % 97 === 0 ? 1 : 0,
    ae_from: '',
    ae_to: ''
  };
}

beforeAll(async () => {
  engine = await startTestEngine();
  for (let n = 1; n <= 3000; n++) all.push(row(n));
  const stored = all.map(({ id: _id, actor_role, ae_from: _f, ae_to: _t, patients, occurred_at, ...rest }) => ({
    ...rest,
    lane: 'audit',
    block: 1,
    occurred_at: occurred_at.toISOString(),
    received_at: occurred_at.toISOString(),
    establishment: pick(['ch-troyes', 'gham', ''], rest.seq),
    retention: 'audit',
    actor_roles: actor_role === '' ? [] : [actor_role],
    patients: patients.map((one) => Buffer.from(one, 'hex').toString('latin1'))
  })); // prettier-ignore
  await engine.writer.insert({ table: 'audit.event', values: stored, format: 'JSONEachRow' });
});
afterAll(() => engine.stop());

const year = windowOf(new Date('2026-10-01T00:00:00Z'), new Date('2026-11-24T00:00:00Z'));
const day = windowOf(new Date('2026-10-24T10:30:00Z'), new Date('2026-10-26T11:15:00Z'));
const hours = windowOf(new Date('2026-10-22T08:10:00Z'), new Date('2026-10-22T18:10:00Z'));
const filters: [string, typeof everything][] = [
  ['nothing', everything],
  ['one act', { ...everything, event: ['110103'] as never[] }],
  ['a role, a modality and failures', { ...everything, role: ['radiologue', ''] as never[], modality: ['CT', ''] as never[], outcome: [8] as never[] }],
  ['one site', { ...everything, site: ['gham'] as never[] }],
  ['a patient', { ...everything, patients: [patientHex(3), patientHex(4)] as never[] }],
  ['a user', { ...everything, actors: [hex(4)] as never[], source: ['viewer', 'ris'] as never[] }],
  ['a study', { ...everything, study: '1.2.250.7' }],
  ['an accession number', { ...everything, study: 'A8' }]
]; // prettier-ignore
const longer = windowOf(new Date('2025-11-24T00:00:00Z'), new Date('2026-11-24T15:00:00Z'));
const windows = [['twelve months', longer], ['two months', year], ['two days', day], ['ten hours', hours]] as const; // prettier-ignore
const cases = filters.flatMap(([what, filter]) => windows.map(([when, window]) => ({ what, when, filter, window }))); // prettier-ignore

test.each(cases)('facets, histogram and pages of $what in $when are those of the rows', async ({ filter, window }) => {
  const expected = all.filter((one) => matches(one, filter, window)).toSorted(newestFirst);
  const seen: string[] = [];
  let before: Parameters<typeof pageOf>[3];
  for (;;) {
    const page = await pageOf(engine.reader, filter, window, before, 400);
    seen.push(...page.rows.map(({ id }) => id));
    before = page.rows.at(-1);
    if (!page.more) break;
  }
  expect(seen).toEqual(expected.map(({ id }) => id));
  const histogram = await histogramOf(engine.reader, filter, window, daysOf(engine.reader, filter, window));
  expect(histogram.reduce((sum, { events }) => sum + events, 0)).toBe(expected.length);
  expect(histogram.reduce((sum, { failures }) => sum + failures, 0)).toBe(expected.filter(({ outcome }) => outcome > 0).length); // prettier-ignore
  const starts = columnStarts(window).map((at) => at.getTime());
  for (const { at, events } of histogram) {
    const n = starts.indexOf(at.getTime());
    expect(n, at.toISOString()).toBeGreaterThanOrEqual(0);
    const next = starts[n + 1] ?? window.to.getTime();
    expect(events).toBe(expected.filter(({ occurred_at }) => occurred_at.getTime() >= at.getTime() && occurred_at.getTime() < next).length); // prettier-ignore
  }
  const facets = await facetsOf(engine.reader, filter, window);
  const value = { event: 'event_code', site: 'site', source: 'source', action: 'action', role: 'actor_role', outcome: 'outcome', emergency: 'emergency' } as const; // prettier-ignore
  for (const [facet, column] of Object.entries(value)) {
    // Each facet is counted under the choices of the others.
    const among = all.filter((one) => matches(one, { ...filter, [facet]: [] }, window));
    const counts = new Map<string, number>();
    for (const one of among) counts.set(String(one[column]), (counts.get(String(one[column])) ?? 0) + 1);
    const told = facets.filter((one) => one.facet === facet && one.events > 0);
    expect(Object.fromEntries(told.map((one) => [one.value, one.events])), facet).toEqual(Object.fromEntries(counts)); // prettier-ignore
  }
}); // prettier-ignore

test.each(cases)(
  'an export of $what in $when holds each row once, newest first',
  async ({ filter, window }) => {
    const expected = all.filter((one) => matches(one, filter, window)).toSorted(newestFirst);
    const rows: string[] = [];
    const { signal } = new AbortController();
    for await (const page of exportRows(
      engine.reader,
      filter,
      window,
      new Date('2027-01-01T00:00:00Z'),
      signal
    ))
      rows.push(...page.map(({ collector, lane, seq, sub }) => `${collector}-${lane}-${seq}-${sub}`));
    expect(rows).toEqual(expected.map(({ id }) => id));
  }
);

test('an export leaves out what was received after it was asked for, and ends when it is cancelled', async () => {
  const middle = new Date(start + 1500 * 288_000);
  const before = all.filter(
    ({ occurred_at }) =>
      occurred_at < middle && matches({ ...(all[0] as AccessRow), occurred_at }, everything, year)
  );
  let rows = 0;
  const stop = new AbortController();
  for await (const page of exportRows(engine.reader, everything, year, middle, stop.signal))
    rows += page.length;
  expect(rows).toBe(before.length);
  stop.abort();
  const ended = exportRows(engine.reader, { ...everything, study: '1.2.250.7' }, year, middle, stop.signal);
  await expect(ended.next()).rejects.toThrow();
});

test('rows that come while a reader pages neither repeat nor hide a row', async () => {
  const first = await pageOf(engine.reader, everything, year, undefined, 500);
  const late = new Date(first.rows[250]?.occurred_at.getTime() ?? 0).toISOString().replace('Z', '');
  await engine.writer.command({
    query: `INSERT INTO audit.event (lane, collector, seq, occurred_at, received_at, establishment, retention, event_code)
      SELECT 'audit', 'c1', 900000 + number, toDateTime64('${late}', 3, 'UTC'), toDateTime64('${late}', 3, 'UTC'), 'gham', 'audit', '110100' FROM numbers(5)`
  });
  const second = await pageOf(engine.reader, everything, year, first.rows.at(-1), 500);
  const expected = all.toSorted(newestFirst).slice(0, 1000).map(({ id }) => id); // prettier-ignore
  expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(expected);
  await engine.writer.command({ query: 'ALTER TABLE audit.event DELETE WHERE seq >= 900000 SETTINGS mutations_sync = 2' }); // prettier-ignore
  expect(cursorOf(first.rows[0] as AccessRow)).toMatch(/^2026-.*Z_c1-audit-\d+-0$/);
});

test('acts over all pages hold every message of the filter once', async () => {
  const filter = { ...everything, source: ['viewer'] as never[] };
  const messages = all.filter((one) => matches(one, filter, year));
  const seen: string[] = [];
  let before: Parameters<typeof pageOf>[3];
  for (;;) {
    const page = await pageOf(engine.reader, filter, year, before, 100);
    const acts = await actsOf(engine.reader, filter, year, page);
    seen.push(...acts.flatMap(({ witnesses }) => witnesses.filter((one) => matches(one, filter, year)).map(({ id }) => id))); // prettier-ignore
    before = page.rows.at(-1);
    if (!page.more) break;
  }
  expect(seen.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
});
