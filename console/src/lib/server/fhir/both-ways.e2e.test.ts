import type { AuditEvent, Bundle, OperationOutcome } from 'fhir/r4';
import { auditSyslog, counted, sendTcp, studyOf } from '@vigie/tools/testkit/audit-messages';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { createSearchToken } from '@vigie/tools/testkit/search-token';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

/* Events go in by syslog and by the FHIR feed of the collector, and come out by the search of the console. */
let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let token: string;
/** Where a reverse proxy would join both sides. */
const base = 'https://vigie.example.fr/fhir';

beforeAll(async () => {
  engine = await startTestEngine();
  const configText = quietConfig().replace(/^receivers:\n/m, `receivers:\n  fhir_base: ${base}\n`);
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
  token = await createSearchToken(shown.env, 'dpo', ['all'], '--right', 'identities');
});
afterAll(async () => {
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${shown.url}/fhir${path}`, {
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, ...headers }
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const search = async (query: string, headers: Record<string, string> = {}) => {
  const { status, text } = await ask(`/AuditEvent?${query}`, headers);
  expect([status, status === 200 ? '' : text]).toEqual([200, '']);
  const { entry = [] } = JSON.parse(text) as Bundle<AuditEvent>;
  return entry.flatMap(({ resource }) => resource ?? []);
};
const feed = (body: string, type = 'application/fhir+json') =>
  fetch(`${collector.url}/fhir/AuditEvent`, {
    method: 'POST',
    headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': type },
    body
  });

const told = {
  resourceType: 'AuditEvent',
  type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
  subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
  action: 'R',
  period: { start: '2026-11-10T08:00:00Z' },
  recorded: '2026-11-10T08:00:30Z',
  outcome: '4',
  purposeOfEvent: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'BTG' }] }
  ],
  agent: [
    {
      type: { coding: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110152' }] },
      who: { identifier: { value: 'portail' } },
      requestor: false,
      network: { address: '10.10.4.4', type: '2' }
    },
    {
      type: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }]
      },
      who: { identifier: { value: 'user7' } },
      name: 'Nom 7',
      requestor: true
    }
  ],
  source: { site: 'TROYES', observer: { identifier: { value: 'VIEWER' } } },
  entity: [
    {
      what: { identifier: { system: 'urn:dicom:uid', value: `urn:oid:${studyOf(7)}` } },
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '2' },
      role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '3' }
    },
    {
      what: { identifier: { system: 'urn:oid:1.2.250.1.999.10.1', value: '100007' } },
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
      role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' }
    }
  ]
} as const;

test('a Location given by the feed is read from the console, 503 while it is not stored, then the event as it was told', async () => {
  await until(
    () => engine.rows('SELECT 1 FROM audit.block'),
    ({ length }) => length > 0
  );
  const created = await feed(JSON.stringify(told));
  expect(created.status).toBe(201);
  const location = created.headers.get('location') ?? '';
  expect(location).toMatch(new RegExp(`^${base}/AuditEvent/c1-audit-\\d+-0$`));
  const id = location.slice(base.length + '/AuditEvent/'.length);
  const answers = new Set<number>();
  const { text } = await until(
    async () => {
      const answer = await ask(`/AuditEvent/${id}`);
      answers.add(answer.status);
      return answer;
    },
    ({ status }) => status === 200
  );
  for (const status of answers) expect([200, 503]).toContain(status);
  const pseudonym = { system: 'urn:vigie:pseudonym', value: expect.stringMatching(/^[0-9a-f]{32}$/) };
  expect(JSON.parse(text)).toMatchObject({
    ...told,
    id,
    period: { start: '2026-11-10T08:00:00.000Z' },
    recorded: '2026-11-10T08:00:30.000Z',
    agent: [
      { ...told.agent[0], network: { address: '10.10.4.4' } },
      { type: told.agent[1].type, who: { identifier: pseudonym }, requestor: true }
    ],
    entity: [told.entity[0], { ...told.entity[1], what: { identifier: pseudonym } }]
  });
});

test('an event sent again leads to the first', async () => {
  const first = (await feed(JSON.stringify(told))).headers.get('location')?.split('/').at(-1) ?? '';
  // The feed knows the first; a collector that forgot it gives an id of its own.
  await collector.restart();
  const again = (await feed(JSON.stringify(told))).headers.get('location')?.split('/').at(-1) ?? '';
  expect(again).not.toBe(first);
  const { headers } = await until(
    () => ask(`/AuditEvent/${again}`),
    ({ status }) => status === 301
  );
  expect(headers.get('location')).toBe(`${base}/AuditEvent/${first}`);
});

test('one patient, one user, one study are found by syslog and by FHIR alike', async () => {
  await sendTcp(collector.ports.syslog, [counted(auditSyslog(7, { at: new Date('2026-11-11T08:00:00Z') }))]);
  for (const query of [
    'patient.identifier=urn:oid:1.2.250.1.999.10.1|100007',
    'patient.identifier=100007^^^%261.2.250.1.999.10.1%26ISO',
    'agent.identifier=user7',
    `entity.identifier=urn:oid:${studyOf(7)}`
  ]) {
    const found = await until(
      () => search(`date=ge2026-11-01&${query}`),
      ({ length }) => length >= 2
    );
    expect([query, found.map(({ type }) => type.code).toSorted()]).toEqual([query, ['110103', 'rest']]);
  }
});

test('a patient and a user named by reference are found by it', async () => {
  const { entity, agent, ...rest } = told;
  const event = {
    ...rest,
    period: { start: '2026-11-12T08:00:00Z' },
    agent: [{ ...agent[1], who: { reference: 'Practitioner/77' } }],
    entity: [{ ...entity[1], what: { reference: 'Patient/88' } }]
  };
  expect((await feed(JSON.stringify(event))).status).toBe(201);
  for (const query of [
    'patient=Patient/88',
    'patient:Patient=88',
    'agent=Practitioner/77',
    'agent:Practitioner=77',
    'source=VIEWER&subtype=read&type=rest&patient=Patient/88'
  ])
    expect([query, (await until(() => search(`date=ge2026-11-01&${query}`), ({ length }) => length > 0)).length]).toEqual([query, 1]); // prettier-ignore
  expect(await search('date=ge2026-11-01&agent:Patient=77')).toEqual([]);
});

test('what comes out, identities opened, goes in again as the same facts, in JSON and XML', async () => {
  const headers = { 'x-vigie-purpose': 'control', 'x-vigie-reference': 'aller et retour' };
  const columns =
    'event_code, event_types, action, outcome, actor_id, actor_kind, actor_roles, patients, studies, accessions, modalities, instances, purpose, emergency, participant_id, participant_kind, participant_role, participant_requestor, participant_access_point, object_kind, object_role, object_id_type, object_id, object_life_cycle, toString(occurred_at) AS occurred, toString(sent_at) AS sent, site, establishment';
  const facts = (seq: number) =>
    engine.rows<Record<string, unknown>>(
      `SELECT ${columns} FROM audit.event WHERE lane = 'audit' AND seq = {seq:UInt64}`.replace('patients,', 'arrayMap(p -> hex(p), patients) AS patients,'), // prettier-ignore
      { seq }
    );
  const events = await search('date=ge2026-11-01&type=110103,rest', headers);
  expect(events.length).toBeGreaterThanOrEqual(3);
  for (const event of events)
    for (const type of ['application/fhir+json', 'application/fhir+xml']) {
      const seq = Number(event.id?.split('-')[2]);
      const { text } = await ask(`/AuditEvent/${event.id}`, { ...headers, accept: type });
      // Another version of the same event: else it would be known as a repetition.
      const other = text.replace(
        /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.)000Z/g,
        `$1${type.endsWith('xml') ? '002' : '001'}Z`
      );
      const created = await feed(other, type);
      const answer = await created.text();
      expect([created.status, created.status === 201 ? '' : (JSON.parse(answer) as OperationOutcome)]).toEqual([201, '']); // prettier-ignore
      const copy = Number(created.headers.get('location')?.split('-').at(-2));
      const [stored] = await until(
        () => facts(copy),
        (rows) => rows.length === 1
      );
      const [original] = await facts(seq);
      const plain = (row: Record<string, unknown> | undefined) =>
        JSON.parse(JSON.stringify(row).replace(/(\d\d:\d\d:\d\d)\.\d{3}/g, '$1')) as unknown;
      expect(plain(stored)).toEqual(plain(original));
    }
});
