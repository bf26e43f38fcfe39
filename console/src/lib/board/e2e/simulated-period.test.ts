import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { loadBoards } from '@vigie/dashboards/load';
import {
  common,
  dayOf,
  examsOf,
  quantile,
  type Exam,
  type Message,
  type Span
} from '@vigie/dashboards/oracle/exams';
import { parseConfig, type Config } from '@vigie/schemas';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { root } from '@vigie/tools/testkit/process';
import { until } from '@vigie/tools/testkit/until';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openings } from '#lib/server/board/calendar.ts';
import { runBoard } from '#lib/server/board/run.ts';
import type { ShownBoard } from '../shown.ts';

/*
 * The simulator plays a week to the real collector. Its HL7 passes a wire that listens: what the messages say, read here a second time
 * and in the plainest way, is what every board must show.
 */
let engine: TestEngine;
let collector: TestCollector;
let wire: Server;
let config: Config;
let exams: (Exam & { readonly modality: string; readonly room: string; readonly reader: string })[];
const heard: Buffer[] = [];
const shown = new Map<string, ShownBoard>();
const minute = 60_000;
const now = new Date();
const today = DateTime.fromJSDate(now, { zone: 'Europe/Paris' }).startOf('day');
const period = { from: today.minus({ days: 5 }).toJSDate(), to: now };
const played = 12;

beforeAll(async () => {
  engine = await startTestEngine();
  const configText = quietConfig();
  config = parseConfig(configText, 'vigie.yaml');
  collector = await startTestCollector(engine, { configText });
  wire = createServer((sender) => {
    const receiver = connect(collector.ports.mllp, '127.0.0.1');
    sender.on('data', (bytes) => heard.push(bytes));
    sender.pipe(receiver).pipe(sender);
    for (const end of [sender, receiver]) end.on('error', () => sender.destroy());
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  const child = spawn(process.execPath, ['simulator/src/main.ts', 'history', '--days', String(played)], {
    cwd: root,
    stdio: 'ignore',
    env: {
      ...process.env,
      VIGIE_CONFIG: join(engine.dataFolder, 'vigie.yaml'),
      VIGIE_DATA: engine.dataFolder,
      VIGIE_COLLECTOR_PORT: String(collector.ports.http),
      VIGIE_SYSLOG_PORT: String(collector.ports.syslog),
      VIGIE_MLLP_PORT: String((wire.address() as AddressInfo).port)
    }
  });
  expect((await once(child, 'exit'))[0]).toBe(0);
  const messages = Buffer.concat(heard)
    .toString('utf8')
    .split('\x1c\r')
    .filter((text) => text !== '')
    .flatMap(read);
  const stored = async () =>
    Number((await engine.rows<{ n: number }>('SELECT count() AS n FROM ops.exam_event'))[0]?.n);
  await until(stored, (n) => n >= new Set(messages.map((one) => JSON.stringify(one.said))).size, 120_000);
  const said = new Map(messages.map((one) => [one.said.accession, one]));
  exams = examsOf(messages.map(({ said: one }) => one)).map((one) => {
    const of = messages.filter(({ said: { accession } }) => accession === one.accession);
    const { modality = '', room = '' } = said.get(one.accession) ?? {};
    return { ...one, modality, room, reader: of.findLast(({ reader }) => reader !== '')?.reader ?? '' };
  });
  for (const board of loadBoards())
    shown.set(
      board.id,
      await runBoard(board, {
        client: engine.reader,
        config,
        reader: { role: 'dsi', scope: ['ch-troyes', 'hpa', 'gham', ''] },
        language: 'fr',
        period,
        sites: [],
        now,
        requestId: 'r',
        report: (panel, error) => {
          throw new Error(`${panel} failed`, { cause: error });
        }
      })
    );
}, 300_000);
afterAll(async () => {
  wire?.close();
  await collector?.stop();
  await engine?.stop();
});

interface Heard {
  readonly said: Message;
  readonly modality: string;
  readonly room: string;
  readonly reader: string;
}

const time = (text = '') => {
  const [, y, mo, d, h, mi, s = '00', zone = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?[.\d]*([+-]\d{4})?/.exec(text) ?? [];
  const local = `${y}-${mo}-${d}T${h}:${mi}:${s}`;
  return DateTime.fromISO(zone === '' ? local : `${local}${zone}`, { zone: 'Europe/Paris' }).toMillis();
};
const siteOf = (facility: string) =>
  config.sites.find(({ aliases, name, id }) =>
    [...aliases, name, id].some((one) => one.toLowerCase() === facility.toLowerCase())
  )?.id ?? '';

/** What one HL7 message says of an exam, if it is of a milestone these boards count. */
function read(text: string): Heard[] {
  const segments = text
    .replace(/^\x0b/, '')
    .split('\r')
    .map((line) => line.split('|'));
  const segment = (name: string) => segments.find(([one]) => one === name) ?? [];
  const [msh, pv1, orc, obr] = ['MSH', 'PV1', 'ORC', 'OBR'].map(segment) as [
    string[],
    string[],
    string[],
    string[]
  ];
  const part = (field: string | undefined, n: number) => field?.split('^')[n - 1] ?? '';
  const type = part(msh[8], 1);
  const step =
    type === 'ORU'
      ? ({ P: 'drafted', F: 'signed' }[obr[25] ?? ''] ?? '')
      : ({ NW: 'ordered', SC: 'scheduled', CA: 'cancelled', IP: 'started', CM: 'ended' }[
          orc[5] === 'IP' || orc[5] === 'CM' ? orc[5] : (orc[1] ?? '')
        ] ?? '');
  if (!['ORM', 'ORU'].includes(type) || step === '') return [];
  return [
    {
      said: {
        seq: 0,
        accession: obr[18] ?? '',
        milestone: step,
        occurred_at: type === 'ORU' ? time(obr[22]) : time(orc[9]),
        told_at: time(msh[6]),
        step: '',
        site: siteOf(msh[3] ?? ''),
        priority: { S: 'stat', A: 'urgent', R: 'routine' }[part(obr[27], 6)] ?? '',
        patient_class: { E: 'emergency', I: 'inpatient', O: 'outpatient' }[pv1[2] ?? ''] ?? '',
        report_status: '',
        appointment_at: null
      },
      modality: obr[24] ?? '',
      room: obr[20] ?? '',
      reader: type === 'ORU' ? siteOf(part(obr[32], 7)) : ''
    }
  ];
}

const rows = (board: string, panel: string) =>
  shown.get(board)?.panels.find((one) => one.id === panel)?.rows ?? [];
const within = ({ day }: Exam) => day >= dayOf(+period.from) && day <= dayOf(+now);
/** On days that are over. */
const finished = (one: Exam) => within(one) && one.day < dayOf(+now);
const done = () => exams.filter((one) => one.outcome === 'done' && within(one));
/** Counts by some words of an exam, as a board tells them. */
const counts = <T>(of: readonly T[], key: (one: T) => string) =>
  Object.fromEntries([...Map.groupBy(of, key)].map(([name, some]) => [name, some.length]));
const told = (board: string, panel: string, key: (row: Record<string, unknown>) => string, value = 'exams') =>
  Object.fromEntries(rows(board, panel).map((row) => [key(row), row[value]]));

test('every count of activity is what the messages said', () => {
  expect(done().length).toBeGreaterThan(500);
  expect(rows('activity', 'total')[0]).toMatchObject({
    exams: done().length,
    sites: new Set(done().map((one) => one.site)).size
  });
  expect(told('activity', 'by-day', (row) => `${row['day']} ${row['site']}`)).toEqual(
    counts(done(), (one) => `${one.day} ${one.site}`)
  );
  expect(told('activity', 'by-modality', (row) => String(row['modality']))).toEqual(
    counts(done(), (one) => one.modality)
  );
  expect(told('activity', 'by-class', (row) => String(row['patient_class']))).toEqual(
    counts(done(), (one) => one.patient_class)
  );
  expect(told('activity', 'readers', (row) => `${row['site']} ${row['actor_site']}`)).toEqual(
    counts(
      done().filter((one) => one.at['signed'] !== undefined),
      (one) => `${one.site} ${one.reader}`
    )
  );
  const clock = (one: Exam) => DateTime.fromMillis(one.at['ended'] ?? 0, { zone: 'Europe/Paris' });
  expect(told('activity', 'by-hour', (row) => `${row['weekday']} ${row['hour']}`)).toEqual(
    counts(done(), (one) => `${clock(one).weekday} ${clock(one).hour}`)
  );
  const levels = counts(
    done().filter((one) => one.at['signed'] !== undefined),
    (one) => (one.reader === one.site ? 'site' : 'group')
  );
  expect(told('activity', 'levels', (row) => String(row['level']))).toMatchObject({
    site: levels['site'],
    group: levels['group']
  });
});

test('delays, open exams and the backlog are what the messages said', () => {
  const since = (one: Exam) => one.at['ended'] ?? 0;
  const followed = (of: readonly Exam[]) =>
    of.map((one) => ({
      told: one.at['signed'] !== undefined,
      minutes: Math.ceil(Math.max(0, (one.at['signed'] ?? +now) - since(one)) / minute)
    }));
  const all = followed(done());
  expect(rows('turnaround', 'total')[0]).toMatchObject({
    exams: all.length,
    waiting: all.filter((one) => !one.told).length,
    p50: (quantile(all, 0.5) ?? 0) * minute,
    p90: (quantile(all, 0.9) ?? 0) * minute
  });
  for (const row of rows('turnaround', 'targets').filter((one) => one['clock'] === 'running')) {
    const mine = followed(
      done().filter((one) => one.priority === row['priority'] && one.patient_class === row['patient_class'])
    );
    expect(row['exams']).toBe(mine.length);
    const p50 = quantile(mine, 0.5);
    expect(row['p50']).toBe(p50 === null ? null : p50 * minute);
  }
  const unread = exams.filter(
    (one) => one.outcome === 'done' && one.at['signed'] === undefined && since(one) <= +now
  );
  expect(told('turnaround', 'backlog', (row) => `${row['site']} ${row['modality']}`, 'unread')).toEqual(
    counts(unread, (one) => `${one.site} ${one.modality}`)
  );
});

test('rooms are as occupied, and orders as often cancelled, as the messages said', () => {
  const buffer = config.activity.buffer_minutes * minute;
  for (const row of rows('capacity', 'rooms')) {
    const system = config.systems.find(({ id }) => id === row['system']);
    const site = config.sites.find(({ id }) => id === system?.site);
    const calendar = config.calendars.find(({ id }) => id === site?.calendar);
    if (system === undefined || calendar === undefined) throw new Error(`no room ${row['system']}`);
    const open = openings(calendar, period.from, today.toJSDate(), 'Europe/Paris').map(([a, b]): Span => [
      a * 1000,
      b * 1000
    ]);
    const mine = done().filter(
      (one) => finished(one) && one.room === system.ae_titles[0] && one.at['started'] !== undefined
    );
    const busy = common(
      mine.map((one): Span => [one.at['started'] ?? 0, (one.at['ended'] ?? 0) + buffer]),
      open
    );
    expect(row['occupancy'], system.id).toBeCloseTo(
      (100 * busy) / open.reduce((sum, [a, b]) => sum + b - a, 0),
      4
    );
  }
  expect(rows('capacity', 'rooms').length).toBeGreaterThan(15);
  const planned = exams.filter(
    (one) => finished(one) && one.patient_class !== 'emergency' && one.outcome !== 'open'
  );
  expect(told('capacity', 'missed', (row) => String(row['site']), 'planned')).toEqual(
    counts(planned, (one) => one.site)
  );
  expect(rows('capacity', 'missed').reduce((sum, row) => sum + Number(row['cancelled']), 0)).toBe(
    planned.filter((one) => one.outcome === 'cancelled').length
  );
});
