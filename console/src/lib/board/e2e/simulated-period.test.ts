import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
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
import type { ExamRecord } from '@vigie/schemas/facts/exam';
import type { MppsRecord } from '@vigie/schemas/facts/mpps';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { playHistory } from '@vigie/tools/testkit/played-history';
import { until } from '@vigie/tools/testkit/until';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openings } from '#lib/server/board/calendar.ts';
import { runBoard } from '#lib/server/board/run.ts';
import type { ShownBoard } from '../shown.ts';

/*
 * The simulator plays a week to the real collector. Its HL7 and its JSON pass wires that listen: what the messages say, read here a
 * second time and in the plainest way, is what every board must show.
 */
let engine: TestEngine;
let collector: TestCollector;
let wire: Server;
let httpWire: HttpServer;
let config: Config;
let exams: Told[];
/** What came over each connection of HL7, and each body of JSON with its path. */
const heard: Buffer[][] = [];
const posted: { readonly path: string; readonly body: Buffer }[] = [];
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
    const bytes: Buffer[] = [];
    heard.push(bytes);
    sender.on('data', (part) => bytes.push(part));
    sender.pipe(receiver).pipe(sender);
    for (const end of [sender, receiver]) end.on('error', () => sender.destroy());
  });
  httpWire = createHttpServer((request, answer) => {
    const { url: path = '', method = '', headers } = request;
    const forward = async () => {
      const body = await buffer(request);
      const told = ['authorization', 'content-type', 'content-encoding'].flatMap(
        (name): [string, string][] => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])
      );
      const response = await fetch(`${collector.url}${path}`, { method, headers: told, body });
      if (response.ok) posted.push({ path, body });
      answer.writeHead(response.status).end(await response.text());
    };
    forward().catch(() => answer.writeHead(502).end());
  });
  for (const one of [wire, httpWire])
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  const portOf = (one: Server) => String((one.address() as AddressInfo).port);
  await playHistory({
    days: played,
    env: {
      VIGIE_CONFIG: join(engine.dataFolder, 'vigie.yaml'),
      VIGIE_DATA: engine.dataFolder,
      VIGIE_COLLECTOR_PORT: portOf(httpWire),
      VIGIE_SYSLOG_PORT: String(collector.ports.syslog),
      VIGIE_MLLP_PORT: portOf(wire)
    }
  });
  const hl7 = heard.flatMap((one) => Buffer.concat(one).toString('utf8').split('\x1c\r'));
  const messages = [
    ...hl7.filter((text) => text !== '').flatMap(read),
    ...posted.flatMap(({ path, body }) => readJson(path, body))
  ].toSorted((a, b) => a.said.told_at - b.said.told_at);
  const distinct = [...new Map(messages.map((one) => [JSON.stringify(one.said), one])).values()];
  const stored = async () => {
    const rows = await engine.rows<{ milestone: string; n: number }>(
      'SELECT milestone, count() AS n FROM ops.exam_event GROUP BY milestone'
    );
    return Object.fromEntries(rows.map(({ milestone, n }) => [milestone, Number(n)]));
  };
  const all = counts(distinct, ({ said }) => said.milestone);
  await until(stored, (found) => sum(Object.values(found)) >= distinct.length, 120_000);
  expect(await stored()).toEqual(all);
  const spoken = Map.groupBy(distinct, ({ said }) => said.accession);
  exams = examsOf(distinct.map(({ said }) => said)).map((one) => {
    const of = spoken.get(one.accession) ?? [];
    const last = (word: 'modality' | 'room') => of.findLast((said) => said[word] !== '')?.[word] ?? '';
    const report = of.findLast(
      ({ said }) => said.milestone === 'signed' && !['addendum', 'corrected'].includes(said.report_status)
    );
    return { ...one, modality: last('modality'), room: last('room'), reader: report?.reader ?? '' };
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
  httpWire?.close();
  await collector?.stop();
  await engine?.stop();
});

interface Heard {
  readonly said: Message;
  readonly modality: string;
  readonly room: string;
  /** Name of the facility that read. */
  readonly reader: string;
}
type Told = Exam & Omit<Heard, 'said'>;

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

const nothing = {
  seq: 0,
  step: '',
  priority: '',
  patient_class: '',
  report_status: '',
  appointment_at: null
};
const orderSteps: Record<string, string> = { NW: 'ordered', SC: 'scheduled', IP: 'started', CM: 'ended', CA: 'cancelled' }; // prettier-ignore
const reportSteps: Record<string, string> = { P: 'drafted', F: 'signed', C: 'signed' };
const visitSteps: Record<string, string> = { S12: 'scheduled', S13: 'scheduled', S14: 'arrived', S15: 'cancelled', S26: 'no-show' }; // prettier-ignore
const elsewhereSteps: Record<string, string> = { NW: 'requested-elsewhere', OK: 'accepted-elsewhere', OC: 'refused-elsewhere', SR: 'available' }; // prettier-ignore
const reports: Record<string, string> = { P: 'preliminary', F: 'final', C: 'corrected' };

/** What one HL7 message says of an exam: nothing where it speaks of the patient alone (ADT). */
function read(text: string): Heard[] {
  const segments = text
    .replace(/^\x0b/, '')
    .split('\r')
    .map((line) => line.split('|'));
  const field = (name: string, n: number) =>
    segments.find(([one]) => one === name)?.[name === 'MSH' ? n - 1 : n] ?? '';
  const part = (name: string, n: number, component: number) => field(name, n).split('^')[component - 1] ?? '';
  const [type, trigger] = [part('MSH', 9, 1), part('MSH', 9, 2)];
  if (type === 'ADT') return [];
  const kind = part('OBR', 4, 1).match(/_DEMANDE$|^COMPLEMENT_/) ? 'elsewhere' : type;
  const milestone = {
    elsewhere: elsewhereSteps[field('ORC', 1)],
    SIU: visitSteps[trigger],
    ORU: reportSteps[field('OBR', 25)],
    ORM: orderSteps[field('ORC', 5) || field('ORC', 1)]
  }[kind];
  if (milestone === undefined) throw new Error(`what does this say? ${text}`);
  const signed = kind === 'ORU';
  const addendum = segments.some(
    ([name, , , what = '']) => name === 'OBX' && what.split('^')[0]?.endsWith('&ADT')
  );
  const at = signed ? field('OBR', 22) : kind === 'SIU' ? '' : field('ORC', 9);
  const appointment = kind === 'SIU' ? field('TQ1', 7) : milestone === 'scheduled' ? part('ORC', 7, 4) : '';
  const told = time(field('MSH', 7));
  const priority = kind === 'SIU' ? field('TQ1', 9) : part('OBR', 27, 6);
  const modality = segments.find(
    ([name, , , what = '']) => name === 'OBX' && what.startsWith('MODALITE_IMAGERIE^')
  );
  return [
    {
      said: {
        ...nothing,
        accession: field('OBR', 18) || field('SCH', 27) || field('IPC', 1),
        milestone,
        occurred_at: at === '' ? told : time(at),
        told_at: told,
        // A platform that answers is no site: it is written to the site.
        site: siteOf(field('MSH', 4)) || siteOf(field('MSH', 6)),
        priority: { S: 'stat', A: 'urgent', R: 'routine' }[priority] ?? '',
        patient_class: { E: 'emergency', I: 'inpatient', O: 'outpatient' }[field('PV1', 2)] ?? '',
        report_status: !signed ? '' : addendum ? 'addendum' : (reports[field('OBR', 25)] ?? ''),
        appointment_at: appointment === '' ? null : time(appointment)
      },
      modality: field('OBR', 24) || field('IPC', 5) || (modality?.[5]?.split('^')[0] ?? ''),
      room: field('OBR', 20) || part('AIL', 3, 2),
      reader: signed ? part('OBR', 32, 7) : ''
    }
  ];
}

/** What a body of JSON says of exams: milestones as they are, of a performed procedure step its begin and its end. */
function readJson(path: string, body: Buffer): Heard[] {
  const records = <T>(): T[] => (JSON.parse(gunzipSync(body).toString('utf8')) as { records: T[] }).records;
  const said = (one: ExamRecord | MppsRecord, milestone: string, at: string, step = ''): Message => ({
    ...nothing,
    accession: one.accession,
    milestone,
    step,
    occurred_at: Date.parse(at),
    told_at: Date.parse(one.told_at ?? ''),
    site: one.site ?? ''
  });
  if (path === '/v1/exams')
    return records<ExamRecord>().map((one) => ({
      said: said(one, one.milestone, one.occurred_at),
      modality: one.modality ?? '',
      room: '',
      reader: ''
    }));
  if (path !== '/v1/mpps') return [];
  const ends: Record<string, string> = { COMPLETED: 'ended', DISCONTINUED: 'cancelled' };
  return records<MppsRecord>().flatMap((one) => {
    const end = ends[one.status];
    const rest = { modality: one.modality ?? '', room: one.station_ae ?? '', reader: '' };
    const begun = { ...rest, said: said(one, 'started', one.started_at, one.step) };
    return end === undefined
      ? [begun]
      : [begun, { ...rest, said: said(one, end, one.ended_at ?? '', one.step) }];
  });
}

const rows = (board: string, panel: string) =>
  shown.get(board)?.panels.find((one) => one.id === panel)?.rows ?? [];
const within = ({ day }: Exam) => day >= dayOf(+period.from) && day <= dayOf(+now);
/** On days that are over. */
const finished = (one: Exam) => within(one) && one.day < dayOf(+now);
const done = () => exams.filter((one) => one.outcome === 'done' && within(one));
const sum = (of: readonly number[]) => of.reduce((a, b) => a + b, 0);
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
      (one) => `${one.site} ${siteOf(one.reader)}`
    )
  );
  const clock = (one: Exam) => DateTime.fromMillis(one.at['ended'] ?? 0, { zone: 'Europe/Paris' });
  expect(told('activity', 'by-hour', (row) => `${row['weekday']} ${row['hour']}`)).toEqual(
    counts(done(), (one) => `${clock(one).weekday} ${clock(one).hour}`)
  );
  const partner = ({ reader }: Told) =>
    config.reading_partners.find(({ name, aliases }) => [name, ...aliases].includes(reader));
  const levels = counts(
    done().filter((one) => one.at['signed'] !== undefined),
    (one) => partner(one)?.level ?? (siteOf(one.reader) === one.site ? 'site' : 'group')
  );
  expect(told('activity', 'levels', (row) => String(row['level']))).toEqual(levels);
});

test('delays, open exams and the backlog are what the messages said', () => {
  const since = (one: Exam) => one.at['available'] ?? one.at['ended'] ?? 0;
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
    (one) => one.outcome === 'done' && one.at['signed'] === undefined && (one.at['ended'] ?? 0) <= +now
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
  for (const [column, outcome] of [['cancelled', 'cancelled'], ['no_shows', 'no-show']] as const) {
    const missed = planned.filter((one) => one.outcome === outcome);
    expect(missed.length).toBeGreaterThan(0);
    for (const row of rows('capacity', 'missed'))
      expect(row[column], `${row['site']} ${column}`).toBe(missed.filter((one) => one.site === row['site']).length);
  } // prettier-ignore
});
