import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { common, dayOf, examsOf, left, quantile, type Exam, type Followed, type Message, type Span } from './oracle/exams.ts'; // prettier-ignore
import { messages, storedRow } from './oracle/messages.ts';
import { BoardBench, values } from './testkit.ts';

let bench: BoardBench;
let exams: Exam[];
const now = +values.now;
const minute = 60_000;
const targets = [
  ['stat', '', 60, 90, ''],
  ['', 'inpatient', 480, 90, 'day'],
  ['', 'outpatient', 690, 90, 'day']
] as const;
/** 07:30 to 19:00 in Paris, each day of the window and after it, as the console works them out. */
const opening = Array.from({ length: 60 }, (_, i) => {
  const day = new Date(Date.parse('2026-10-01T12:00:00Z') + i * 86_400_000).toISOString().slice(0, 10);
  const offset = day < '2026-10-25' ? '+02:00' : '+01:00';
  const at = (time: string) => Date.parse(`${day}T${time}:00${offset}`) / 1000;
  return ['day', at('07:30'), at('19:00')] as const;
});
const window = {
  from: new Date('2026-10-01T00:00:00+02:00'),
  to: new Date('2026-11-24T00:00:00+01:00'),
  opening,
  targets
};
const inWindow = ({ day }: Exam) => day >= '2026-10-01' && day < '2026-11-24';

beforeAll(async () => {
  bench = await BoardBench.start();
  const groups = fc.sample(messages(40), { numRuns: 120, seed: 20261124 });
  const told = groups.flatMap((group, g) =>
    group.map((one): Message => ({
      ...one,
      accession: `${g}-${one.accession}`,
      seq: g * 100 + one.seq,
      site: one.site || 'hpa'
    }))
  );
  await bench.insert('ops.exam_event', told.map(storedRow));
  exams = examsOf(told);
}, 60_000);
afterAll(() => bench.engine.stop());

const since = ({ at }: Exam) => at.available ?? at.ended ?? 0;
const read = (): Exam[] => exams.filter((one) => one.outcome === 'done' && inWindow(one));
const follow = (
  one: Exam,
  length: (from: number, to: number) => number = (from, to) => to - from
): Followed => ({
  told: one.at['signed'] !== undefined,
  minutes: Math.ceil(length(since(one), Math.max(since(one), one.at['signed'] ?? now)) / minute)
});
const ms = (minutes: number | null) => (minutes === null ? null : minutes * minute);

test('the report delay is that of Kaplan and Meier, over every exam that ended', async () => {
  const followed = read().map((one) => follow(one));
  expect(await bench.panel('turnaround', 'total', window)).toEqual([
    {
      exams: followed.length,
      waiting: followed.filter((one) => !one.told).length,
      p50: ms(quantile(followed, 0.5)),
      p90: ms(quantile(followed, 0.9)),
      course: 'some'
    }
  ]);
  expect(followed.filter((one) => !one.told).length).toBeGreaterThan(20);
});

test('each priority and class is held against the first target that fits, on that target’s clock', async () => {
  const spans = opening.map(([, opens, closes]): Span => [opens * 1000, closes * 1000]);
  const rows = await bench.panel('turnaround', 'targets', window);
  const groups = Map.groupBy(read(), (one) => `${one.priority}/${one.patient_class}`);
  expect(rows).toHaveLength(groups.size);
  for (const row of rows) {
    const group = groups.get(`${row['priority']}/${row['patient_class']}`) ?? [];
    const target = targets.find(
      ([priority, patientClass]) =>
        [row['priority'], ''].includes(priority) && [row['patient_class'], ''].includes(patientClass)
    );
    const followed = group.map((one) =>
      follow(one, target?.[4] === 'day' ? (from, to) => common([[from, to]], spans) : undefined)
    );
    const share = target && 100 * (1 - left(followed, target[2]));
    const reached = target && followed.some((one) => one.minutes >= target[2]);
    expect(row, JSON.stringify(row)).toMatchObject({
      exams: group.length,
      waiting: followed.filter((one) => !one.told).length,
      p50: ms(quantile(followed, 0.5)),
      p90: ms(quantile(followed, 0.9)),
      within: target === undefined ? null : target[2] * minute,
      clock: target?.[4] === 'day' ? 'opening' : 'running'
    });
    if (reached) expect(row['share']).toBeCloseTo(share ?? 0, 6);
  }
  expect(new Set(rows.map((row) => row['clock']))).toEqual(new Set(['running', 'opening']));
});

const steps = [['order', 'ordered', 'appointment'], ['wait', 'appointment', 'arrived'], ['room', 'arrived', 'started'], ['exam', 'started', 'ended'], ['send', 'ended', 'available'], ['queue', 'available', 'opened'], ['draft', 'opened', 'drafted'], ['sign', 'drafted', 'signed'], ['give', 'signed', 'distributed']] as const; // prettier-ignore
const order = [...steps.map(([, from]) => from), 'distributed'];

function steppedThrough(of: readonly Exam[], [, from, to]: (typeof steps)[number]): Followed[] {
  return of.flatMap(({ at }): Followed[] => {
    const [start, end] = [at[from], at[to]];
    const later = order.slice(order.indexOf(to)).some((name) => at[name] !== undefined);
    if (start === undefined || start > now || (end === undefined && later)) return [];
    return [{ told: end !== undefined, minutes: Math.ceil(Math.max(0, (end ?? now) - start) / minute) }];
  });
}

test('each step counts the exams that passed it, and those that stand in it', async () => {
  const of = exams.filter((one) => ['done', 'open'].includes(one.outcome) && inWindow(one));
  const expected = steps.map((step) => {
    const followed = steppedThrough(of, step);
    return {
      segment: step[0],
      exams: followed.length,
      waiting: followed.filter((one) => !one.told).length,
      p50: ms(quantile(followed, 0.5)),
      p90: ms(quantile(followed, 0.9))
    };
  });
  expect(await bench.panel('turnaround', 'segments', window)).toEqual(expected);
  const lost = await bench.panel('turnaround', 'lost', window);
  for (const row of lost) {
    const step = steps.find(([name]) => name === row['segment']) ?? steps[0];
    const followed = steppedThrough(
      of.filter((one) => one.site === row['site']),
      step
    );
    expect(row, JSON.stringify(row)).toMatchObject({
      exams: followed.length,
      p50: ms(quantile(followed, 0.5))
    });
  }
});

test('the median of a day is that of the exams that ended on it', async () => {
  const rows = await bench.panel('turnaround', 'trend', window);
  const days = Map.groupBy(read(), (one) => `${one.day} ${one.patient_class}`);
  expect(rows).toHaveLength(days.size);
  for (const row of rows) {
    const followed = (days.get(`${row['day']} ${row['patient_class']}`) ?? []).map((one) => follow(one));
    expect(row['p50']).toBe(ms(quantile(followed, 0.5)));
  }
});

test('the backlog is what is unread, in days of what is signed', async () => {
  const rows = await bench.panel('turnaround', 'backlog', window);
  const unread = read().filter((one) => one.at['signed'] === undefined && (one.at['ended'] ?? 0) <= now);
  expect(rows.reduce((sum, row) => sum + Number(row['unread']), 0)).toBe(unread.length);
  for (const row of rows) {
    const mine = read().filter((one) => one.site === row['site']);
    const signed = mine.filter(
      ({ at: { signed: at } }) => at !== undefined && at >= now - 28 * 86_400_000 && at <= now
    ).length;
    const waiting = unread.filter((one) => one.site === row['site']).length;
    expect(row['backlog']).toBeCloseTo((28 * waiting) / signed, 6);
    expect(dayOf(Date.parse(String(row['oldest'])))).toBe(
      dayOf(Math.min(...unread.filter((one) => one.site === row['site']).map((one) => one.at['ended'] ?? 0)))
    );
  }
});

test('a delay is held against its target to the millisecond', async () => {
  const at = (clock: string) => `2025-03-04T${clock}Z`;
  const told = (accession: string, milestone: string, clock: string) => ({
    ...storedRow({
      accession, milestone, occurred_at: Date.parse(at(clock)), told_at: Date.parse(at(clock)), step: '', site: 'hpa',
      priority: 'stat', patient_class: 'outpatient', report_status: '', appointment_at: null, seq: 900_000
    })
  }); // prettier-ignore
  // Exactly an hour, and fifty milliseconds more: whole seconds would tell them alike.
  await bench.insert('ops.exam_event', [
    told('ms-1', 'ended', '10:00:00.900'),
    { ...told('ms-1', 'signed', '11:00:00.900'), seq: 900_001 },
    { ...told('ms-2', 'ended', '10:00:00.900'), seq: 900_002 },
    { ...told('ms-2', 'signed', '11:00:00.950'), seq: 900_003 }
  ]);
  const day = { ...window, from: new Date('2025-03-04T00:00:00+01:00'), to: new Date('2025-03-05T00:00:00+01:00') }; // prettier-ignore
  expect(await bench.panel('turnaround', 'targets', day)).toMatchObject([
    { priority: 'stat', exams: 2, p50: 60 * minute, p90: 61 * minute, share: 50 }
  ]);
});
