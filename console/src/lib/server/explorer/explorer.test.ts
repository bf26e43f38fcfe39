import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { columnStarts, windowOf } from '#lib/explorer/window.ts';
import { cursorOf, readCursor } from './cursor.ts';
import { exportRows } from './export/rows.ts';
import { anyFacet, matches, newestFirst } from './match.ts';
import { daysOf, facetsOf, histogramOf } from './counts.ts';
import { pageOf, type Page } from './page.ts';
import { actsOf } from './shown-acts.ts';
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
  const rows = all.map(({ id: _id, actor_role, ae_from: _f, ae_to: _t, patients, occurred_at, ...rest }) => ({
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
  await engine.writer.insert({ table: 'audit.event', values: rows, format: 'JSONEachRow' });
});
afterAll(() => engine.stop());

/** The cursor of the page after, by way of the address. */
const nextOf = (page: Page) => readCursor(cursorOf(page.rows.at(-1) as AccessRow, page.bound));

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
    before = nextOf(page);
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

test('acts over all pages hold every message of the filter once', async () => {
  const filter = { ...everything, source: ['viewer'] as never[] };
  const messages = all.filter((one) => matches(one, filter, year));
  const seen: string[] = [];
  let before: Parameters<typeof pageOf>[3];
  for (;;) {
    const page = await pageOf(engine.reader, filter, year, before, 100);
    const acts = await actsOf(engine.reader, filter, year, page);
    seen.push(...acts.flatMap(({ witnesses }) => witnesses.filter((one) => matches(one, filter, year)).map(({ id }) => id))); // prettier-ignore
    before = nextOf(page);
    if (!page.more) break;
  }
  expect(seen.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
});

type Look = { readonly lane: string; readonly collector: string; readonly seq: number; readonly at: Date; readonly source?: string }; // prettier-ignore
/** Looks of one person at one patient's study, a millisecond apart. */
const looks = (one: Look, count: number): Look[] =>
  Array.from({ length: count }, (_, n) => ({ ...one, seq: one.seq + n, at: new Date(one.at.getTime() + n) }));
const stored = (list: readonly Look[]) =>
  engine.writer.insert({
    table: 'audit.event',
    values: list.map(({ lane, collector, seq, at, source = 'viewer' }) => ({
      lane, collector, seq, block: seq, occurred_at: at.toISOString(), received_at: at.toISOString(), site: 'gham', establishment: 'gham', source, retention: 'audit',
      event_code: '110103', action: 'R', actor_id: hex(4), actor_kind: 'person', patients: [Buffer.from(patientHex(3), 'hex').toString('latin1')], studies: ['1.2.250.7']
    })),
    format: 'JSONEachRow'
  }); // prettier-ignore
/** Headers of whole blocks, which the collector stores after their rows. */
const headers = (...list: readonly { readonly lane: string; readonly collector: string; readonly seq: number }[]) =>
  engine.writer.insert({
    table: 'audit.block',
    values: list.map(({ lane, collector, seq }) => ({ lane, collector, block: seq, last_seq: seq, kind: 'block', sealed_at: '2026-11-24 10:00:00' })),
    format: 'JSONEachRow'
  }); // prettier-ignore

/** What the tests below add lies a day after what was there, under sequences of its own. */
let [nextSeq, nextDay] = [100_000, 11];
const paged = filters.filter(([what]) => ['nothing', 'a patient', 'a user', 'a study'].includes(what));
test.each(paged.flatMap(([what, filter]) => ['audit', 'own'].map((lane) => ({ what, filter, lane }))))(
  'pages of $what in the lane $lane neither repeat nor hide a row while collectors store more',
  async ({ filter, lane }) => {
    const of = { ...filter, lane, patients: filter.patients.slice(0, 1), source: [] as never[] };
    const at = new Date(start + nextDay++ * 86_400_000);
    const first = (nextSeq += 100);
    // The last sixty are a block that is not whole yet: it fills the day of the first page.
    await stored(looks({ lane, collector: 'c2', seq: first, at }, 80));
    await headers({ lane, collector: 'c2', seq: first + 19 }, { lane: 'audit', collector: 'c1', seq: 3000 });
    const pages = async (between: (page: Page) => Promise<void>) => {
      const seen: string[] = [];
      let page = await pageOf(engine.reader, of, year, undefined, 7);
      for (let n = 0; n < 6; n++) {
        seen.push(...page.rows.map(({ id }) => id));
        if (!page.more) break;
        await between(page);
        page = await pageOf(engine.reader, of, year, nextOf(page), 7);
      }
      return seen;
    };
    const expected = await pages(() => Promise.resolve());
    expect(expected.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, n) => `c2-${lane}-${first + 19 - n}-0`));
    if (lane === 'audit') expect(expected).toHaveLength(42);
    const seen = await pages(async ({ rows }) => {
      const oldest = rows.at(-1)?.occurred_at ?? at;
      const before = new Date(oldest.getTime() - 3_600_000);
      nextSeq += 100;
      const more = ['c1', 'c2', 'c3'].map((collector) => ({ lane, collector, seq: nextSeq, at: oldest }));
      await stored(more.flatMap((one) => [...looks(one, 3), ...looks({ ...one, seq: nextSeq + 3, at: before }, 3)]));
      await headers(...more.map((one) => ({ ...one, seq: nextSeq + 5 })));
    });
    expect(seen).toEqual(expected);
  }
); // prettier-ignore

test('an act stands on its page, though a newer message of it comes while a reader pages', async () => {
  const at = new Date(start + nextDay++ * 86_400_000);
  const first = (nextSeq += 100);
  const of = { ...everything, source: ['viewer', 'vna', 'ris'] as never[] };
  const one = { lane: 'audit', collector: 'c2', seq: first, at };
  const after = (seconds: number) => new Date(at.getTime() + seconds * 1000);
  await stored([{ ...one, source: 'vna' }, { ...one, seq: first + 1, at: after(40) }]); // prettier-ignore
  await headers({ ...one, seq: first + 1 });
  const page = await pageOf(engine.reader, of, year, undefined, 1);
  const told = async () => (await actsOf(engine.reader, of, year, page)).map(({ witnesses }) => witnesses.map(({ id }) => id)); // prettier-ignore
  expect(await told()).toEqual([[`c2-audit-${first}-0`, `c2-audit-${first + 1}-0`]]);
  const late = { ...one, collector: 'c3', seq: first + 2, at: after(60), source: 'ris' };
  await stored([late]);
  await headers(late);
  expect(await told()).toEqual([
    [first, first + 1, first + 2].map((seq, n) => `c${n < 2 ? 2 : 3}-audit-${seq}-0`)
  ]);
});

test('an address holds where a page begins and how far its list goes, and nothing else is read of it', () => {
  const row = { occurred_at: new Date('2026-10-25T00:30:00.000Z'), id: 'c1-audit-7-0' };
  const text = cursorOf(row, [['c1', 3000], ['c2', 20]]); // prettier-ignore
  expect(text).toBe('2026-10-25T00:30:00.000Z_c1-audit-7-0_c1.3000-c2.20');
  const place = { occurred_at: row.occurred_at, collector: 'c1', seq: 7, sub: 0 };
  expect(readCursor(text)).toEqual({ place, bound: [['c1', 3000], ['c2', 20]] }); // prettier-ignore
  // A link of before, and one that somebody wrote, are lists that begin now.
  for (const odd of ['', '_', "_c1.3' OR 1", '_c1.3-', '_c1', `_${'c1.3-'.repeat(2000)}c1.3`])
    expect(readCursor(`2026-10-25T00:30:00.000Z_c1-audit-7-0${odd}`)).toEqual({ place, bound: undefined });
  for (const none of [null, '', 'yesterday_c1-audit-7-0', '2026-10-25T00:30:00.000Z_c1-7'])
    expect(readCursor(none)).toBeUndefined();
});
