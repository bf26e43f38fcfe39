import fc from 'fast-check';
import type { AuditEvent, Bundle, OperationOutcome } from 'fhir/r4';
import { buildAuditMessage, dcm, type AuditMessage } from '@vigie/schemas/audit-message';
import { counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { createSearchToken, vigie } from '@vigie/tools/testkit/search-token';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
const tokens: Record<string, string> = {};

/** A frame whose header was sent a minute after the act it tells. */
function frame(
  at: string,
  told: Partial<AuditMessage> & { readonly site?: string; readonly patient?: string; readonly user?: string }
): string {
  // prettier-ignore
  const { site = 'CHT', patient = '0001', user = 'cmartin', ...rest } = told;
  const xml = buildAuditMessage({
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    outcome: 0,
    dateTime: at,
    participants: [
      {
        userId: user,
        userName: `Nom de ${user}`,
        requestor: true,
        roles: [{ code: 'radiologue', system: 'GHT', text: 'Radiologue' }],
        accessPoint: '10.10.3.17',
        accessPointType: 2
      },
      { userId: 'VIEWER_APP', requestor: false, roles: [dcm('110150', 'Application')] }
    ],
    sourceId: 'DEEPUNITY',
    enterpriseSiteId: site,
    objects: [
      {
        id: `1.2.250.1.999.7.${patient}`,
        idType: dcm('110180', 'Study Instance UID'),
        type: 2,
        role: 3,
        lifeCycle: 6,
        accessions: [`ACC${patient}`],
        sopClasses: [{ uid: '1.2.840.10008.5.1.4.1.1.2', instances: 12 }]
      },
      {
        id: `${patient}^^^&1.2.250.1.999.10.1&ISO^PI`,
        idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
        type: 1,
        role: 1,
        name: 'DUPONT^Zoé'
      }
    ],
    ...rest
  });
  return `<85>1 ${new Date(new Date(at).getTime() + 60_000).toISOString()} pacs.ght-aube.example DEEPUNITY 7 IHE+RFC-3881 - ${xml}`;
}

const stored = (n: number) =>
  until(
    () => engine.rows<{ n: number }>("SELECT count() AS n FROM audit.event WHERE lane = 'audit'"),
    ([row]) => row?.n === n
  );

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  shown = await startTestConsole(engine, collector);
  const frames = [
    frame('2026-11-02T08:00:00Z', {}),
    frame('2026-11-03T08:00:00Z', { action: 'C', patient: '0002', user: 'adurand' }),
    frame('2026-11-04T08:00:00Z', { site: 'GHAM', patient: '0003', eventTypes: [{ code: 'RAD-55', system: 'IHE Transactions', text: 'WADO' }] }), // prettier-ignore
    frame('2026-11-05T08:00:00Z', { site: 'HPA', patient: '0004', user: 'hpa-agent' }),
    frame('2026-11-06T08:00:00Z', {
      event: dcm('110114', 'User Authentication'),
      eventTypes: [dcm('110122', 'Login')],
      action: 'E',
      outcome: 8,
      objects: []
    })
  ];
  await sendTcp(collector.ports.syslog, frames.map(counted));
  // The second is told twice: a repeated reception.
  await sendTcp(collector.ports.syslog, [counted(frames[1] ?? '')]);
  await stored(5);
  await until(() => engine.rows<{ n: number }>('SELECT count() AS n FROM audit.reception'), ([row]) => row?.n === 1); // prettier-ignore
  await until(
    () => engine.rows("SELECT 1 FROM audit.block WHERE lane = 'audit'"),
    (rows) => rows.length > 0
  );
  tokens['dpo'] = await createSearchToken(shown.env, 'dpo', ['ch-troyes', 'gham'], '--right', 'identities');
  tokens['dpo-hpa'] = await createSearchToken(shown.env, 'dpo', ['hpa']);
  tokens['dpo-all'] = await createSearchToken(shown.env, 'dpo', ['all']);
  tokens['dsi'] = await createSearchToken(shown.env, 'dsi', ['all']);
  tokens['rssi'] = await createSearchToken(shown.env, 'rssi', ['all']);
  tokens['auditor'] = await createSearchToken(shown.env, 'auditor', ['all']);
});
afterAll(async () => {
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

const ask = async (token: string | undefined, path: string, init: RequestInit = {}) => {
  for (;;) {
    const response = await fetch(path.startsWith('http') ? path : `${shown.url}/fhir${path}`, {
      redirect: 'manual',
      ...init,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${tokens[token] ?? token}` }),
        ...(init.headers as Record<string, string> | undefined)
      }
    });
    // A suite asks faster than a program should.
    if (response.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      continue;
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
};
const search = async (token: string, query: string, init: RequestInit = {}) => {
  const answer = await ask(token, `/AuditEvent?${query}`, init);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return JSON.parse(answer.text) as Bundle<AuditEvent>;
};
const post = (token: string, form: Record<string, string>) =>
  ask(token, '/AuditEvent/_search', { method: 'POST', body: new URLSearchParams(form) });
const events = (bundle: Bundle<AuditEvent>) => (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
/** Days of the month on which the found acts were. */
const days = (bundle: Bundle<AuditEvent>) =>
  events(bundle).map(({ period }) => Number(period?.start?.slice(8, 10)));
const refused = async (token: string | undefined, path: string, init: RequestInit = {}) => {
  const { status, text } = await ask(token, path, init);
  const { resourceType, issue } = JSON.parse(text) as OperationOutcome;
  expect(resourceType).toBe('OperationOutcome');
  return [status, issue[0]?.details?.coding?.[0]?.code, issue[0]?.location?.[0]];
};
const november = 'date=ge2026-11-01&date=lt2026-12-01';

test('what came by syslog is found as a FHIR AuditEvent, patients and persons as pseudonyms', async () => {
  const bundle = await search('dpo', november);
  expect([bundle.type, bundle.total, days(bundle)]).toEqual(['searchset', 4, [6, 4, 3, 2]]);
  const [, , , event] = events(bundle);
  expect(event).toMatchObject({
    resourceType: 'AuditEvent',
    meta: { versionId: '1' },
    type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110103' },
    action: 'R',
    outcome: '0',
    period: { start: '2026-11-02T08:00:00.000Z' },
    recorded: '2026-11-02T08:01:00.000Z',
    agent: [
      {
        type: { text: 'Radiologue' },
        who: {
          identifier: { system: 'urn:vigie:pseudonym', value: expect.stringMatching(/^[0-9a-f]{32}$/) }
        },
        requestor: true,
        network: { address: '10.10.3.17', type: '2' }
      },
      {
        type: { coding: [{ code: '110150' }] },
        who: { identifier: { value: 'VIEWER_APP' } },
        requestor: false
      }
    ],
    source: { site: 'CHT', observer: { identifier: { value: 'DEEPUNITY' } } },
    entity: [
      {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/auditevent-Accession',
            valueIdentifier: { value: 'ACC0001' }
          },
          { valueInteger: 12 }
        ],
        what: { identifier: { system: 'urn:dicom:uid', value: 'urn:oid:1.2.250.1.999.7.0001' } },
        role: { code: '3' },
        lifecycle: { code: '6' },
        detail: [{ type: 'Modality', valueString: 'CT' }]
      },
      {
        what: { identifier: { type: { coding: [{ code: '2' }] }, system: 'urn:vigie:pseudonym' } },
        type: { code: '1' },
        role: { code: '1', display: 'Patient' }
      }
    ]
  });
  expect(JSON.stringify(bundle)).not.toMatch(/DUPONT|Nom de|cmartin|"0001"/);
});

test.each([
  ['type=110114', [6]],
  ['type=http://dicom.nema.org/resources/ontology/DCM|110103', [4, 3, 2]],
  ['type=http://loinc.org|110103', []],
  ['type=http://dicom.nema.org/resources/ontology/DCM|', [6, 4, 3, 2]],
  ['type=|110103', []],
  ['type:not=110114', [4, 3, 2]],
  ['type=110114,110103', [6, 4, 3, 2]],
  ['subtype=RAD-55', [4]],
  ['subtype=urn:ihe:event-type-code|RAD-55', [4]],
  ['subtype:not=RAD-55', [6, 3, 2]],
  ['action=C', [3]],
  ['action:not=R', [6, 3]],
  ['outcome=8,12', [6]],
  ['outcome=http://hl7.org/fhir/audit-event-outcome|8', [6]],
  ['address=10.10.3', [6, 4, 3, 2]],
  ['address=10.3', []],
  ['address:contains=10.3', [6, 4, 3, 2]],
  ['address:exact=10.10.3.1', []],
  ['agent=adurand', [3]],
  ['agent.identifier=ADurand', [3]],
  ['agent:Practitioner.identifier=https://ght.example/logins|adurand', [3]],
  ['agent:identifier=adurand', [3]],
  ['agent=Practitioner/adurand', [3]],
  ['agent:not=adurand', [6, 4, 2]],
  ['user=adurand', [3]],
  ['participant=adurand', [3]],
  ['altid=adurand', [3]],
  ['agent.identifier=VIEWER_APP', [6, 4, 3, 2]],
  ['agent-role=Radiologue', [6, 4, 3, 2]],
  ['agent-role=110150', [6, 4, 3, 2]],
  ['patient.identifier=0001', [2]],
  ['patient.identifier=urn:oid:1.2.250.1.999.10.1|0001', [2]],
  ['patient.identifier=urn:oid:1.2.3|0001', []],
  ['patient.identifier=0001^^^%261.2.250.1.999.10.1%26ISO', [2]],
  ['patient=0001,0003', [4, 2]],
  ['patient=0001&patient=0003', []],
  ['patient=Patient/0001', [2]],
  ['entity.identifier=1.2.250.1.999.7.0003', [4]],
  ['entity.identifier=urn:dicom:uid|urn:oid:1.2.250.1.999.7.0003', [4]],
  ['entity-id=ACC0002', [3]],
  ['entity=0001^^^%261.2.250.1.999.10.1%26ISO', [2]],
  ['entity-type=1', [4, 3, 2]],
  ['object-type=3', []],
  ['entity-role=3', [4, 3, 2]],
  ['role=24', []],
  ['entity-role:not=3', [6]],
  ['source=DEEPUNITY', [6, 4, 3, 2]],
  ['source.identifier=deepunity', [6, 4, 3, 2]],
  ['source:not=deepunity', []],
  ['site=GHAM', [4]],
  ['site=gham', [4]],
  ['period-start=2026-11-03', [3]],
  ['TDE_AuditEvent_period-start=ge2026-11-03&period-start=lt2026-11-05', [4, 3]],
  ['_lastUpdated=lt2020', []],
  ['_lastUpdated=ge2020', [6, 4, 3, 2]]
])('%s finds the acts of those days', async (query, found) => {
  expect(days(await search('dpo', `${november}&${query}`))).toEqual(found);
});

test.each([
  ['date=2026-11-03', [3]],
  ['date=eq2026-11-03T08:01Z', [3]],
  ['date=eq2026-11-03T09:01%2B01:00', [3]],
  ['date=eq2026-11-03T09:01+01:00', [3]],
  ['date=2026-11-03T08:01:00.000Z', [3]],
  ['date=2026-11-03T08:00Z', []],
  ['date=2026-11', [6, 4, 3, 2]],
  ['date=2026', [6, 4, 3, 2]],
  ['date=2026-11-02,2026-11-04', [4, 2]],
  ['date=gt2026-11-03', [6, 4]],
  ['date=ge2026-11-03', [6, 4, 3]],
  ['date=sa2026-11-03', [6, 4]],
  ['date=lt2026-11-03', [2]],
  ['date=le2026-11-03', [3, 2]],
  ['date=eb2026-11-03', [2]],
  ['date=ge2026-11-01&date=ne2026-11-03', [6, 4, 2]],
  ['date=ge2026-11-01&_sort=date', [2, 3, 4, 6]],
  ['date=ge2026-11-01&_sort=-date', [6, 4, 3, 2]]
])('%s finds the acts of those days, in that order', async (query, found) => {
  expect(days(await search('dpo', query))).toEqual(found);
});

test.each([
  ['', 400, 'missing-date', 'http.date'],
  ['type=110103', 400, 'missing-date', 'http.date'],
  ['date=ne2026-11-03', 400, 'missing-date', 'http.date'],
  ['_lastUpdated=ge2026-11-03', 400, 'missing-date', 'http.date'],
  ['date=le2026-11-03,ne2026-11-04', 400, 'missing-date', 'http.date'],
  [`${november}&patient.name=DUPONT`, 400, 'unknown-parameter', 'http.patient.name'],
  [`${november}&_include=AuditEvent:patient`, 400, 'unknown-parameter', 'http._include'],
  [`${november}&constructor=1`, 400, 'unknown-parameter', 'http.constructor'],
  [`${november}&patient:not=0001`, 400, 'unknown-parameter', 'http.patient'],
  [`${november}&date:missing=true`, 400, 'unknown-parameter', 'http.date'],
  ['date=ap2026-11-03', 400, 'bad-value', 'http.date'],
  ['date=ge2026-13-45', 400, 'bad-value', 'http.date'],
  ['date=03/11/2026', 400, 'bad-value', 'http.date'],
  ['date=', 400, 'bad-value', 'http.date'],
  [`${november}&action=X`, 400, 'bad-value', 'http.action'],
  [`${november}&outcome=3`, 400, 'bad-value', 'http.outcome'],
  [`${november}&type=`, 400, 'bad-value', 'http.type'],
  [`${november}&_count=many`, 400, 'bad-value', 'http._count'],
  [`${november}&_sort=patient`, 400, 'bad-value', 'http._sort'],
  [`${november}&_summary=text`, 400, 'bad-value', 'http._summary'],
  [`${november}&_total=perhaps`, 400, 'bad-value', 'http._total'],
  [`${november}&_id=a%20b`, 400, 'bad-value', 'http._id'],
  [`${november}&_cursor=AAAA`, 400, 'bad-value', 'http._cursor'],
  ['_cursor=AAAA', 400, 'bad-cursor', 'http._cursor']
])('%s is refused: %i %s at %s', async (query, ...outcome) => {
  expect(await refused('dpo', `/AuditEvent?${query}`)).toEqual(outcome);
});

test('a refusal repeats no value', async () => {
  const { text } = await ask('dpo', `/AuditEvent?${november}&DUPONT^Zoé=1`);
  expect(text).not.toMatch(/DUPONT|Zo/);
});

test('a posted search finds the same, and tells the patient nowhere', async () => {
  const answer = await post('dpo', {
    date: 'ge2026-11-01',
    'patient.identifier': 'urn:oid:1.2.250.1.999.10.1|0001'
  });
  const bundle = JSON.parse(answer.text) as Bundle<AuditEvent>;
  expect(days(bundle)).toEqual([2]);
  const self = bundle.link?.find(({ relation }) => relation === 'self')?.url ?? '';
  expect(self).not.toMatch(/0001/);
  expect(days(JSON.parse((await ask('dpo', self)).text) as Bundle<AuditEvent>)).toEqual([2]);
  expect(shown.process.output()).not.toMatch(/0001/);
});

describe('pages', () => {
  test('follow one another, each event once, and stay as they were while data arrives', async () => {
    const first = await search('dpo', `${november}&_count=2`);
    expect([first.total, days(first)]).toEqual([4, [6, 4]]);
    // A newer and an older act than those shown arrive in between.
    await sendTcp(collector.ports.syslog, [
      counted(frame('2026-11-20T08:00:00Z', { patient: '0008' })),
      counted(frame('2026-11-03T12:00:00Z', { patient: '0009' }))
    ]);
    await stored(7);
    const link = first.link?.find(({ relation }) => relation === 'next')?.url ?? '';
    const second = JSON.parse((await ask('dpo', link)).text) as Bundle<AuditEvent>;
    expect([second.total, days(second)]).toEqual([4, [3, 2]]);
    expect(second.link?.map(({ relation }) => relation)).toEqual(['self']);
    await until(
      async () => days(await search('dpo', `${november}&_count=3`)),
      (found) => found.join() === '20,6,4'
    );
  });

  test('a page link holds no identity, and is another token’s to follow', async () => {
    const answer = await post('dpo', { date: 'ge2026-11-01', 'agent.identifier': 'cmartin', _count: '1' });
    const next =
      (JSON.parse(answer.text) as Bundle).link?.find(({ relation }) => relation === 'next')?.url ?? '';
    expect(next).toMatch(/^http[^?]+\/fhir\/AuditEvent\?_cursor=[\w-]+$/);
    expect(await refused('dpo-hpa', next)).toEqual([403, 'foreign-cursor', 'http._cursor']);
    expect(await refused('dpo', `${next.slice(0, -4)}AAAA`)).toEqual([400, 'bad-cursor', 'http._cursor']);
    expect((await ask('dpo', `${next}&_format=xml`)).text).toMatch(/^<\?xml/);
  });

  test('counts: none, capped, only the number', async () => {
    expect((await search('dpo', `${november}&_total=none`)).total).toBeUndefined();
    const counted = await search('dpo', `${november}&_summary=count&type=110114`);
    expect([counted.total, counted.entry, counted.link?.length]).toEqual([1, undefined, 1]);
    expect((await search('dpo', `${november}&_count=0&type=110114`)).total).toBe(1);
    expect(events(await search('dpo', `${november}&_count=99999&type=110114`))).toHaveLength(1);
  });
});

describe('another establishment’s data', () => {
  let foreign: string;
  beforeAll(async () => {
    foreign = events(await search('dpo-hpa', november))[0]?.id ?? '';
    expect(foreign).toMatch(/^c1-audit-\d+-0$/);
  });

  test('is found by no search', async () => {
    expect(days(await search('dpo-hpa', november))).toEqual([5]);
    for (const query of [
      `_id=${foreign}`,
      'patient=0004',
      'agent=hpa-agent',
      'site=HPA',
      'entity.identifier=1.2.250.1.999.7.0004'
    ])
      // prettier-ignore
      expect([query, (await search('dpo', `${november}&${query}`)).total]).toEqual([query, 0]);
    const posted = await post('dpo', { date: 'ge2026-11-01', _id: foreign });
    expect((JSON.parse(posted.text) as Bundle).total).toBe(0);
  });

  test('is read by no id, and is not told from one that never was', async () => {
    const there = await ask('dpo', `/AuditEvent/${foreign}`);
    const never = await ask('dpo', '/AuditEvent/c9-audit-1-0');
    expect([there.status, there.text]).toEqual([404, never.text]);
    expect((await ask('dpo-hpa', `/AuditEvent/${foreign}`)).status).toBe(200);
  });
});

describe('roles', () => {
  test('the DSI sees acts and machines, no persons, patients or studies', async () => {
    const bundle = await search('dsi', `${november}&type=110103`);
    expect(bundle.total).toBeGreaterThan(3);
    const text = JSON.stringify(bundle);
    expect(text).not.toMatch(/[0-9a-f]{32}|10\.10\.3\.17|1\.2\.250\.1\.999\.7|ACC0/);
    expect(text).toMatch(/"valueCode":"masked"/);
    expect((await search('dsi', `${november}&agent=cmartin`)).total).toBe(0);
    expect((await search('dsi', `${november}&address=10.10.3.17`)).total).toBe(0);
    expect((await search('dsi', `${november}&agent=VIEWER_APP`)).total).toBeGreaterThan(3);
    for (const name of ['patient', 'patient.identifier', 'entity', 'entity.identifier'])
      expect(await refused('dsi', `/AuditEvent?${november}&${name}=0001`)).toEqual([
        403,
        'forbidden',
        `http.${name}`
      ]);
  });

  test('the RSSI sees security acts alone, the auditor Vigie’s own', async () => {
    expect(days(await search('rssi', november))).toEqual([6]);
    const own = await search('auditor', 'date=ge2020&type=110112&_count=1');
    expect(events(own)[0]).toMatchObject({
      id: expect.stringMatching(/^c1-own-/),
      subtype: [{ system: 'urn:ihe:event-type-code', code: 'ITI-81' }],
      agent: [{ who: { identifier: { value: expect.stringMatching(/^token:test-/) } } }, {}]
    });
    expect(await refused('auditor', '/AuditEvent/c1-audit-1-0')).toEqual([404, 'not-found', undefined]);
  });

  test('no token, a wrong, a revoked one: 401 and nothing else', async () => {
    const { status, headers } = await ask(undefined, `/AuditEvent?${november}`);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="vigie"']);
    expect(await refused('vigie_x_y', `/AuditEvent?${november}`)).toEqual([401, 'unauthorised', undefined]);
    await until(
      () =>
        engine.rows("SELECT 1 FROM audit.event WHERE lane = 'own' AND event_code = '110114' AND outcome = 4"),
      (rows) => rows.length > 0
    );
    const text = await createSearchToken(shown.env, 'dpo', ['all']);
    expect((await ask(text, `/AuditEvent?${november}`)).status).toBe(200);
    const listed = await vigie(shown.env, 'token', 'list');
    const id = text.split('_')[1] ?? '';
    expect(listed.stdout.split('\n').find((line) => line.startsWith(id))).toMatch(
      /\tdpo\tall\t-\tuntil .*used 2/
    );
    expect(listed.stdout).not.toContain(text);
    await vigie(shown.env, 'token', 'revoke', id);
    expect(await refused(text, `/AuditEvent?${november}`)).toEqual([401, 'unauthorised', undefined]);
  });

  test('a session of the console opens nothing here', async () => {
    const reader = await shown.reader('dpo');
    expect((await reader.get(`/fhir/AuditEvent?${november}`)).status).toBe(401);
  });
});

describe('reading one event', () => {
  test('gives it, as JSON or XML', async () => {
    const id = events(await search('dpo', `${november}&action=C`))[0]?.id ?? '';
    const { status, text } = await ask('dpo', `/AuditEvent/${id}`);
    expect([status, JSON.parse(text)]).toMatchObject([200, { resourceType: 'AuditEvent', id, action: 'C' }]);
    const xml = await ask('dpo', `/AuditEvent/${id}`, { headers: { accept: 'application/fhir+xml' } });
    expect(xml.headers.get('content-type')).toBe('application/fhir+xml; charset=utf-8');
    expect(xml.text).toContain(`<AuditEvent xmlns="http://hl7.org/fhir"><id value="${id}"/>`);
  });

  test('an id whose block is not stored yet is answered with Retry-After; one that can never be, with 404', async () => {
    const [last] = await engine.rows<{ seq: number }>("SELECT max(last_seq) AS seq FROM audit.block WHERE lane = 'audit'"); // prettier-ignore
    const early = await ask('dpo', `/AuditEvent/c1-audit-${(last?.seq ?? 0) + 10}-0`);
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '2']);
    for (const id of ['c1-audit-999999999-0', 'c2-audit-1-0', 'c1-ops-1-0', 'c1-audit-1-9', 'x', '1', '%00'])
      expect([id, (await ask('dpo', `/AuditEvent/${id}`)).status]).toEqual([id, 404]);
  });

  test('the id of a repeated reception leads to the original', async () => {
    const [row] = await engine.rows<{ seq: number; original_seq: number }>('SELECT seq, original_seq FROM audit.reception'); // prettier-ignore
    const { status, headers } = await ask('dpo', `/AuditEvent/c1-audit-${row?.seq}-0`);
    expect(status).toBe(301);
    const original = headers.get('location') ?? '';
    expect(original).toBe(`${shown.url}/fhir/AuditEvent/c1-audit-${row?.original_seq}-0`);
    expect((await ask('dpo', original)).status).toBe(200);
  });

  test.each([
    '/AuditEvent/c1-audit-1-0/_history',
    '/AuditEvent/c1-audit-1-0/_history/1',
    '/AuditEvent/_history'
  ])('%s has no versions: 405', async (path) => {
    expect((await refused('dpo', path))[0]).toBe(405);
  });
});

test.each([
  ['PUT', '/AuditEvent/c1-audit-1-0'],
  ['PATCH', '/AuditEvent/c1-audit-1-0'],
  ['DELETE', '/AuditEvent/c1-audit-1-0'],
  ['DELETE', '/AuditEvent'],
  ['POST', '/AuditEvent'],
  ['POST', ''],
  ['GET', '/AuditEvent/_search'],
  ['POST', '/metadata']
])('%s %s is refused with 405, and says what is done where', async (method, path) => {
  const init =
    method === 'GET' ? {} : { method, body: '{}', headers: { 'content-type': 'application/fhir+json' } };
  expect((await refused('dpo', path, init))[0]).toBe(405);
});

test('identities are opened for a purpose by a token that may, and this is in the log', async () => {
  const headers = { 'x-vigie-purpose': 'patient-request', 'x-vigie-reference': 'demande 2026-118' };
  const [event] = events(await search('dpo', `${november}&patient=0001`, { headers }));
  expect(event).toMatchObject({
    agent: [{ who: { identifier: { value: 'cmartin' } }, name: 'Nom de cmartin' }, {}],
    entity: [
      {},
      { what: { identifier: { system: 'urn:oid:1.2.250.1.999.10.1', value: '0001' }, display: 'DUPONT^Zoé' } }
    ]
  });
  await until(
    () => engine.rows("SELECT 1 FROM audit.event WHERE lane = 'own' AND has(event_types, 'reveal')"),
    (rows) => rows.length > 0
  );
  const path = `/AuditEvent?${november}`;
  expect(await refused('dpo-hpa', path, { headers })).toEqual([403, 'forbidden', undefined]);
  const bare = { 'x-vigie-purpose': 'patient-request' };
  expect(await refused('dpo', path, { headers: bare })).toEqual([400, 'bad-value', 'http.X-Vigie-Purpose']);
});

test('the form of the answer follows _format, then Accept', async () => {
  const type = async (query: string, accept?: string) => {
    const { status, headers } = await ask('dpo', `/metadata?${query}`, accept === undefined ? {} : { headers: { accept } }); // prettier-ignore
    return [status, headers.get('content-type')?.split(';')[0]];
  };
  expect(await type('')).toEqual([200, 'application/fhir+json']);
  expect(await type('', 'application/fhir+xml')).toEqual([200, 'application/fhir+xml']);
  expect(await type('', 'text/html, application/xml;q=0.9')).toEqual([200, 'application/fhir+xml']);
  expect(await type('_format=application/fhir+json', 'application/fhir+xml')).toEqual([
    200,
    'application/fhir+json'
  ]);
  expect(await type('_format=xml', 'text/html')).toEqual([200, 'application/fhir+xml']);
  expect((await type('_format=turtle'))[0]).toBe(406);
  expect((await type('', 'application/fhir+json; fhirVersion=5.0'))[0]).toBe(406);
});

test('the capability statement tells search and read, and where the feed is', async () => {
  const { text } = await ask(undefined, '/metadata');
  expect(JSON.parse(text)).toMatchObject({
    resourceType: 'CapabilityStatement',
    fhirVersion: '4.0.1',
    rest: [
      {
        mode: 'server',
        resource: [{ type: 'AuditEvent', interaction: [{ code: 'read' }, { code: 'search-type' }] }]
      }
    ]
  });
  for (const name of ['date', 'patient.identifier', 'entity-role', 'period-start', '_lastUpdated'])
    expect(text).toContain(`"name":"${name}"`);
});

test('strange searches are answered or refused, never with a failure, and none hangs', async () => {
  const some = <T>(list: readonly T[], n: number) => list[n % list.length] as T;
  const names = ['type', 'subtype:not', 'agent', 'agent.identifier:not', 'entity', 'patient', 'site', 'source:not', 'address:contains', 'agent-role', 'entity-type', '_id', 'period-start', 'nope']; // prettier-ignore
  const values = ["'", '\\\\', '%00', '%F0%9F%98%80', '{p0:String}', 'a|b|c', '|', 'x'.repeat(1500), '2026', '-1', '\\,', '(', '%25', '\u0001', '%EF%BF%BF']; // prettier-ignore
  const strange = fc.record({ a: fc.nat(), b: fc.nat(), c: fc.nat(), d: fc.nat(), odd: fc.string({ unit: 'binary', maxLength: 40 }) }); // prettier-ignore
  await fc.assert(
    fc.asyncProperty(strange, async ({ a, b, c, d, odd }) => {
      const query = `${some(names, a)}=${some(values, b)}&${some(names, c)}=${some(values, d)},${encodeURIComponent(odd.toWellFormed())}`;
      const { status, text } = await ask('dpo-all', `/AuditEvent?date=ge2026-11-01&${query}`);
      expect([200, 400]).toContain(status);
      expect((JSON.parse(text) as { resourceType: string }).resourceType).toMatch(
        /^(?:Bundle|OperationOutcome)$/
      );
    }),
    { numRuns: 60 }
  );
});

test('too many requests are slowed down', async () => {
  const headers = { authorization: `Bearer ${tokens['dsi'] ?? ''}` };
  const url = `${shown.url}/fhir/AuditEvent?${november}&_summary=count`;
  const answers = await Promise.all(Array.from({ length: 60 }, () => fetch(url, { headers })));
  const slowed = answers.filter(({ status }) => status === 429);
  expect(slowed.length).toBeGreaterThan(0);
  expect(Number(slowed[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await slowed[0]?.json()).toMatchObject({ resourceType: 'OperationOutcome' });
});

test('without the collector nothing is shown, for nothing can be told to the log', async () => {
  await collector.kill9();
  expect(await refused('dpo', `/AuditEvent?${november}`)).toEqual([503, 'not-audited', undefined]);
  expect(await refused('dpo', '/AuditEvent/c1-audit-1-0')).toEqual([503, 'not-audited', undefined]);
});
