import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import { counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { createSearchToken } from '@vigie/tools/testkit/search-token';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

const fixtures = join(import.meta.dirname, '../../fixtures');
const json = readFileSync(join(fixtures, 'fhir-study/input.fhir-json'), 'utf8').replace('NORD', 'CHT');
const xml = readFileSync(join(fixtures, 'fhir-study-xml/input.fhir-xml'), 'utf8').replace('NORD', 'CHT');

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let token: string;

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine, { env: { VIGIE_SPOOL_MAX_BYTES: '1000000' } });
  shown = await startTestConsole(engine, collector);
  token = await createSearchToken(shown.env, 'dpo', ['all'], '--right', 'identities');
});
afterAll(async () => {
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

async function post(path: string, body: string, type = 'application/fhir+json') {
  const response = await fetch(`${collector.url}${path}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': type }
  });
  return {
    status: response.status,
    location: response.headers.get('location') ?? '',
    retryAfter: response.headers.get('retry-after'),
    text: await response.text()
  };
}

const ask = (path: string) =>
  fetch(`${shown.url}${path}`, {
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${token}`,
      'x-vigie-purpose': 'control',
      'x-vigie-reference': 'essai de la boucle'
    }
  });

/** What is told of one sequence, without how and when it came. */
async function factsOf(seq: number): Promise<Record<string, unknown> | undefined> {
  const without = 'seq, block, received_at, transport, peer, decoder';
  const [row] = await engine.rows<Record<string, unknown>>(
    `SELECT * EXCEPT (${without}, patients), arrayMap(p -> hex(p), patients) AS patients FROM audit.event
     WHERE lane = 'audit' AND seq = {seq:UInt64}`,
    { seq }
  );
  return row;
}
const stored = (seq: number) =>
  until(
    () => factsOf(seq),
    (row) => row !== undefined
  );
const sequenceOf = (location: string) => Number(/AuditEvent\/c1-audit-(\d+)-0$/.exec(location)?.[1]);

test('an event is stored once under its Location, its repetitions are receptions, and what was refused is quarantined', async () => {
  const first = await post('/fhir/AuditEvent', json);
  const again = await post('/fhir/AuditEvent', xml, 'application/fhir+xml');
  const refused = await post('/fhir/AuditEvent', '{"resourceType":"AuditEvent"}');
  expect([first.status, again.status, refused.status]).toEqual([201, 201, 422]);
  expect(again.location).toBe(first.location);
  const seq = sequenceOf(first.location);
  expect(await stored(seq)).toMatchObject({
    source: 'viewer',
    site: 'troyes',
    event_code: '110103',
    emergency: 1
  });
  const told = await until(
    () =>
      engine.rows(`SELECT sum(received) AS received, sum(stored) AS stored, sum(duplicate) AS duplicate,
        sum(quarantined) AS quarantined FROM ops.feed_minute WHERE lane = 'audit'`),
    ([row]) => (row as { received?: number } | undefined)?.received === 3
  );
  expect(told).toEqual([{ received: 3, stored: 1, duplicate: 1, quarantined: 1 }]);
  expect(await engine.rows(`SELECT original_seq FROM audit.reception WHERE lane = 'audit'`)).toEqual([
    { original_seq: seq }
  ]);
  expect(
    await engine.rows(`SELECT reason, detail, decoder FROM audit.quarantine WHERE lane = 'audit'`)
  ).toEqual([
    { reason: 'missing-field', detail: 'AuditEvent.type is missing: R4 requires it', decoder: 'fhir-r4@1' }
  ]);
});

test('the Location of a repeated event that another start took leads the reader to the first', async () => {
  await collector.restart();
  const third = await post('/fhir/AuditEvent', json);
  const seq = sequenceOf(third.location);
  await until(
    () => engine.rows(`SELECT 1 FROM audit.reception WHERE lane = 'audit' AND seq = {seq:UInt64}`, { seq }),
    (rows) => rows.length === 1
  );
  const redirect = await until(
    () => ask(third.location),
    ({ status }) => status !== 503
  );
  expect([redirect.status, redirect.headers.get('location')]).toEqual([
    301,
    expect.stringMatching(/\/AuditEvent\/c1-audit-1-0$/)
  ]);
});

test('a DICOM message, read as FHIR and fed back, gives the same facts', async () => {
  const message = buildAuditMessage({
    event: dcm('110103', 'DICOM Instances Accessed'),
    eventTypes: [{ code: 'RAD-55', system: 'IHE Transactions', text: 'WADO Retrieve' }],
    action: 'R',
    outcome: 4,
    dateTime: '2026-11-24T08:05:00.250+01:00',
    purposes: [{ code: 'ETREAT', system: '2.16.840.1.113883.5.8', text: 'Emergency Treatment' }],
    participants: [
      {
        userId: 'cmartin',
        userName: 'Claire Martin',
        requestor: true,
        roles: [{ code: '10', system: '1.2.250.1.213.1.1.4.5', text: 'Radiologue' }],
        accessPoint: '10.10.3.17',
        accessPointType: 2
      },
      {
        userId: 'DEEPUNITY',
        requestor: false,
        roles: [dcm('110153', 'Source Role ID')],
        accessPoint: 'pacs.ght-aube.example',
        accessPointType: 1
      },
      { userId: 'VIEWER_APP', requestor: false, roles: [dcm('110150', 'Application')] }
    ],
    sourceId: 'VIEWER',
    enterpriseSiteId: 'CHT',
    objects: [
      {
        id: '1.2.250.1.999.7.1',
        idType: dcm('110180', 'Study Instance UID'),
        type: 2,
        role: 3,
        lifeCycle: 6,
        accessions: ['A2026112400017'],
        sopClasses: [{ uid: '1.2.840.10008.5.1.4.1.1.2', instances: 212 }]
      },
      {
        id: '0012345^^^&1.2.250.1.999.10.1&ISO',
        idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
        type: 1,
        role: 1,
        name: 'BERTHIER^Ginette'
      }
    ]
  });
  const header = '<85>1 2026-11-24T07:05:02.100Z viewer.ght-aube.example VIEWER 7 IHE+RFC-3881 -';
  await sendTcp(collector.ports.syslog, [counted(`${header} ${message}`)]);
  const [sent] = await until(
    () =>
      engine.rows<{ seq: number }>(`SELECT seq FROM audit.event WHERE lane = 'audit' AND transport = 'tcp'`),
    (rows) => rows.length === 1
  );
  const seq = Number(sent?.seq);
  // Identities are stored after the event that names them.
  const resource = await until(
    async () => (await ask(`/fhir/AuditEvent/c1-audit-${seq}-0`)).text(),
    (text) => text.includes('cmartin') && text.includes('0012345')
  );
  const fed = await post('/fhir/AuditEvent', resource);
  expect([fed.status, fed.text]).toEqual([201, '']);
  const facts = await stored(sequenceOf(fed.location));
  expect(facts).toEqual(await factsOf(seq));
});

test('while the store is away a full spool is told, and what was acknowledged is stored afterwards', async () => {
  const resource = JSON.parse(json) as object;
  const made = (n: number) => ({
    ...resource,
    outcomeDesc: 'x'.repeat(20_000),
    recorded: new Date(Date.UTC(2026, 10, 24) + n).toISOString()
  });
  await engine.kill9();
  const accepted: number[] = [];
  let refused: Awaited<ReturnType<typeof post>> | undefined;
  for (let n = 0; n < 200 && refused === undefined; n++) {
    const entry = [0, 1].map((k) => ({
      resource: made(2 * n + k),
      request: { method: 'POST', url: 'AuditEvent' }
    }));
    const answer = await post('/fhir', JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }));
    if (answer.status !== 200) refused = answer;
    else
      for (const [, seq] of answer.text.matchAll(/AuditEvent\/c1-audit-(\d+)-0/g)) accepted.push(Number(seq));
  }
  expect([refused?.status, refused?.retryAfter]).toEqual([503, '10']);
  expect(refused?.text).toContain('"code":"transient"');
  await engine.restart();
  const seqs = async () =>
    (
      await engine.rows<{ seq: number }>(
        `SELECT DISTINCT seq FROM audit.event WHERE lane = 'audit' AND seq IN {seqs:Array(UInt64)}`,
        { seqs: accepted }
      )
    ).length;
  expect(
    await until(
      () => seqs().catch(() => 0),
      (count) => count === accepted.length,
      60_000
    )
  ).toBe(accepted.length);
  expect(accepted.length).toBeGreaterThan(20);
});
