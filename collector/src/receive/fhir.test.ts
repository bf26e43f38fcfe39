import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseConfig } from '@vigie/schemas';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFhirXml } from '../decode/fhir/xml.ts';
import { judge } from '../judge.ts';
import { createDirectory } from '../normalise/directory.ts';
import type { Reception } from '../reception.ts';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { SourceLimits } from './source-limits.ts';
import type { HttpDependencies, HttpOutcome } from './http-dependencies.ts';
import { createHttpApp } from './http.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const json = readFileSync(join(fixtures, 'fhir-study/input.fhir-json'), 'utf8');
const xml = readFileSync(join(fixtures, 'fhir-study-xml/input.fhir-xml'), 'utf8');
const event = JSON.parse(json) as Record<string, unknown>;
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const config = parseConfig(
  readFileSync(join(fixtures, 'vigie.yaml'), 'utf8').replace(
    'receivers: {}',
    `receivers: { max_message_bytes: 200000 }
api_keys:
  - { id: viewer-key, system: viewer, key_sha256: ${sha('viewer-secret')}, feeds: [audit] }
  - { id: other-key, system: pacs, key_sha256: ${sha('other-secret')}, feeds: [transfers] }`
  ),
  'test.yaml'
);
const directory = createDirectory(config, Buffer.alloc(32, 7));

let folder: string;
let spool: Spool;
let outcomes: HttpOutcome[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-fhir-'));
  const limits = { maxBytes: 50_000_000, reserveBytes: 0 };
  spool = new Spool(folder, limits, new SharedArrayBuffer(24), () => {});
  outcomes = [];
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true });
});

function app(more: Partial<HttpDependencies> = {}) {
  return createHttpApp({
    config,
    digests: new Map(config.api_keys.map((key) => [key.id, key.key_sha256 ?? ''])),
    directory,
    spool,
    limits: new SourceLimits(config, directory),
    collector: 'c1',
    observe: {
      request: (outcome) => outcomes.push(outcome),
      failed: (error) => {
        throw error;
      }
    },
    ...more
  });
}

interface Sent {
  readonly method?: string;
  readonly type?: string;
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly with?: ReturnType<typeof app>;
}

async function send(path: string, body: string | Uint8Array<ArrayBuffer> | undefined, sent: Sent = {}) {
  const { method = 'POST', type = 'application/fhir+json', key = 'viewer-secret', headers = {} } = sent;
  const response = await (sent.with ?? app()).request(path, {
    method,
    ...(body !== undefined && { body }),
    headers: { authorization: `Bearer ${key}`, 'content-type': type, ...headers }
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

interface Outcome {
  readonly resourceType: string;
  readonly issue: {
    severity: string;
    code: string;
    details: { text: string; coding?: { code: string }[] };
    expression?: string[];
  }[];
}
const outcomeOf = (text: string) => JSON.parse(text) as Outcome;
const kept = (start = 0): Reception[] =>
  [...spool.environment.batches.audit.getRange({ start })].flatMap(({ value }) => decodeBatch(value));
const verdicts = (start = 0) =>
  kept(start).map((one) => {
    const verdict = judge(one, directory);
    return verdict.kind === 'facts' ? 'facts' : verdict.reason;
  });
const entry = (resource: unknown, request: object = { method: 'POST', url: 'AuditEvent' }) => ({
  resource,
  request
});
const batch = (...entries: unknown[]) =>
  JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: entries });

describe('one event', () => {
  test('is answered 201 with the id under which it is kept, whatever id its sender chose', async () => {
    const answer = await send('/fhir/AuditEvent', json);
    expect([answer.status, answer.text]).toEqual([201, '']);
    expect(answer.headers.get('location')).toBe('/fhir/AuditEvent/c1-audit-1-0');
    expect(kept()).toMatchObject([{ format: 'fhir-json', source: 'viewer', transport: 'http' }]);
    expect(kept()[0]?.raw.toString()).toBe(json);
    expect(verdicts()).toEqual(['facts']);
  });

  test.each(['application/fhir+xml', 'application/xml', 'text/xml; charset=UTF-8'])(
    'is taken as %s too, and answered in it',
    async (type) => {
      const headers = { prefer: 'return=OperationOutcome' };
      const answer = await send('/fhir/AuditEvent', xml, { type, headers });
      expect(answer.status).toBe(201);
      expect(answer.headers.get('content-type')).toBe('application/fhir+xml; charset=utf-8');
      expect(readFhirXml(answer.text)).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: { severity: 'information' }
      });
      expect(verdicts()).toEqual(['facts']);
    }
  );

  test('sent again, also as XML, leads to the first, and is kept as a reception', async () => {
    const target = app();
    const places = [
      await send('/fhir/AuditEvent', json, { with: target }),
      await send('/fhir/AuditEvent', xml, { with: target, type: 'application/fhir+xml' }),
      await send('/fhir/AuditEvent', JSON.stringify({ ...event, recorded: '2026-11-24T07:05:03Z' }), {
        with: target
      })
    ];
    expect(places.map(({ headers }) => headers.get('location'))).toEqual([
      '/fhir/AuditEvent/c1-audit-1-0',
      '/fhir/AuditEvent/c1-audit-1-0',
      '/fhir/AuditEvent/c1-audit-3-0'
    ]);
    expect(kept()).toHaveLength(3);
  });

  test('has its public address in Location where one is configured', async () => {
    const receivers = { ...config.receivers, fhir_base: 'https://vigie.example.fr/fhir/' };
    const answer = await send('/fhir/AuditEvent', json, { with: app({ config: { ...config, receivers } }) });
    expect(answer.headers.get('location')).toBe('https://vigie.example.fr/fhir/AuditEvent/c1-audit-1-0');
  });
});

describe('a batch', () => {
  test('is answered entry by entry, and each entry is kept as its sender wrote it', async () => {
    const spaced =
      '{ "resourceType" : "AuditEvent",\n  "outcome":"0", "note": [ "}", "\\"" ], ' + json.trim().slice(1);
    const body = `\n{"entry": [ ${JSON.stringify(entry(event))}, {"request": {"url": "AuditEvent", "method": "POST"}, "resource": ${spaced}},
      ${JSON.stringify(entry({ ...event, agent: [{ requestor: 'yes' }] }))},
      ${JSON.stringify(entry(event, { method: 'PUT', url: 'AuditEvent/1' }))}, {"request": {"method": "POST", "url": "AuditEvent"}},
      ${JSON.stringify(entry(event, { method: 'POST', url: 'AuditEvent', ifNoneExist: '_id=1' }))},
      ${JSON.stringify(entry({ resourceType: 'Patient' }))} ], "type": "batch", "resourceType": "Bundle"}`;
    const answer = await send('/fhir', body);
    expect(answer.status).toBe(200);
    const response = JSON.parse(answer.text) as {
      type: string;
      entry: { response: { status: string; location?: string; outcome?: Outcome } }[];
    };
    expect(response.type).toBe('batch-response');
    expect(
      response.entry.map(({ response: { status, location, outcome } }) => [
        status.slice(0, 3),
        location ?? outcome?.issue[0]?.expression?.[0]
      ])
    ).toEqual([
      ['201', 'AuditEvent/c1-audit-1-0'],
      ['201', 'AuditEvent/c1-audit-2-0'],
      ['422', 'AuditEvent.agent[0].requestor'],
      ['422', 'Bundle.entry.request.method'],
      ['422', 'Bundle.entry.resource'],
      ['422', 'Bundle.entry.request.ifNoneExist'],
      ['400', 'resourceType']
    ]);
    expect(kept()[1]?.raw.toString()).toBe(spaced);
    expect(verdicts()).toEqual([
      'facts',
      'facts',
      'bad-value',
      'unsupported-message',
      'unsupported-message',
      'not-an-audit-message'
    ]);
    expect(outcomes).toMatchObject([{ accepted: 2, rejected: 5, feed: 'fhir', status: 200 }]);
  });

  test('in XML is taken apart alike, also under a prefix', async () => {
    const resource = xml.slice(xml.indexOf('<AuditEvent'));
    const body = `\ufeff<f:Bundle xmlns:f="http://hl7.org/fhir"><f:type value="batch"/>
      <f:entry><f:resource>${resource}</f:resource><f:request><f:method value="POST"/><f:url value="AuditEvent"/></f:request></f:entry>
      <f:entry><f:resource><f:AuditEvent><f:id value="é"/></f:AuditEvent></f:resource><f:request><f:method value="POST"/><f:url value="https://vigie.example.fr/fhir/AuditEvent"/></f:request></f:entry>
    </f:Bundle>`;
    const answer = await send('/fhir/', body, { type: 'application/fhir+xml' });
    expect(readFhirXml(answer.text)).toMatchObject({
      resourceType: 'Bundle',
      type: 'batch-response',
      entry: [
        { response: { status: '201 Created', location: 'AuditEvent/c1-audit-1-0' } },
        { response: { status: '422 Unprocessable Entity' } }
      ]
    });
    expect(kept().map(({ raw }) => raw.toString())).toEqual([
      resource.trimEnd(),
      '<f:AuditEvent xmlns:f="http://hl7.org/fhir"><f:id value="é"/></f:AuditEvent>'
    ]);
    expect(verdicts()).toEqual(['facts', 'missing-field']);
  });

  test('of nothing is answered with nothing', async () => {
    const answer = await send('/fhir', JSON.stringify({ resourceType: 'Bundle', type: 'batch' }));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { resourceType: 'Bundle', type: 'batch-response' }
    ]);
  });

  test.each([
    ['a transaction', batch(entry(event)).replace('"batch"', '"transaction"'), 'Bundle.type'],
    ['a Bundle without type', JSON.stringify({ resourceType: 'Bundle', entry: [] }), 'Bundle.type'],
    ['one event', json, 'AuditEvent'],
    ['a list', JSON.stringify([event, event]), undefined],
    ['no JSON', '{"resourceType": "Bundle", "BERTHIER', undefined]
  ])('that is %s is answered 400 and kept in quarantine', async (_, body, expression) => {
    const answer = await send('/fhir', body);
    expect(answer.status).toBe(400);
    expect(outcomeOf(answer.text).issue[0]?.expression?.[0]).toBe(expression);
    expect(answer.text).not.toMatch(/BERTHIER|LEGRAND/);
    expect(kept().map(({ raw }) => raw.toString())).toEqual([body]);
    expect(verdicts()).toEqual(['unsupported-message']);
  });

  test('of more entries than one request may hold is answered 413', async () => {
    const answer = await send(
      '/fhir',
      `{"resourceType":"Bundle","type":"batch","entry":[${'1,'.repeat(5000)}1]}`
    );
    expect([answer.status, outcomeOf(answer.text).issue[0]?.code]).toEqual([413, 'too-costly']);
    const xml = `<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/>${'<entry/>'.repeat(5001)}</Bundle>`;
    expect((await send('/fhir', xml, { type: 'application/fhir+xml' })).status).toBe(413);
    expect(verdicts()).toEqual(['unsupported-message', 'unsupported-message']);
  });
});

describe('what is not taken', () => {
  test('is told element by element, never quoted, and kept in quarantine', async () => {
    const bad = {
      ...event,
      action: 'BERTHIER',
      recorded: 'yesterday, by BERTHIER',
      agent: [{ who: { display: 'BERTHIER' } }],
      source: {},
      entity: 'BERTHIER'
    };
    const answer = await send('/fhir/AuditEvent', JSON.stringify(bad));
    expect(answer.status).toBe(422);
    const { issue } = outcomeOf(answer.text);
    expect(issue.map(({ expression, code }) => [expression?.[0], code])).toEqual([
      ['AuditEvent.action', 'value'],
      ['AuditEvent.recorded', 'value'],
      ['AuditEvent.agent[0].requestor', 'required'],
      ['AuditEvent.source.observer', 'required'],
      ['AuditEvent.entity', 'structure']
    ]);
    expect(
      issue.every(({ severity, details }) => severity === 'error' && details.text.includes('AuditEvent.'))
    ).toBe(true);
    expect(answer.text).not.toContain('BERTHIER');
    expect(verdicts()).toEqual(['bad-value']);
  });

  test.each([
    ['fhir-r5/input.fhir-json', 422, 'AuditEvent.code', 'R5'],
    ['fhir-list/input.fhir-json', 400, undefined, 'never a bare list'],
    ['fhir-doctype/input.fhir-xml', 400, undefined, 'DOCTYPE'],
    [
      'fhir-modifier/input.fhir-json',
      422,
      'AuditEvent.agent[0].modifierExtension',
      'send the event without it'
    ]
  ])('%s is answered %i', async (file, status, expression, words) => {
    const type = file.endsWith('xml') ? 'application/fhir+xml' : 'application/fhir+json';
    const headers = { accept: 'application/fhir+json' };
    const answer = await send('/fhir/AuditEvent', readFileSync(join(fixtures, file), 'utf8'), {
      type,
      headers
    });
    const [issue] = outcomeOf(answer.text).issue;
    expect([answer.status, issue?.expression?.[0]]).toEqual([status, expression]);
    expect(issue?.details.text).toContain(words);
    expect(verdicts()).not.toContain('facts');
    expect(kept()).toHaveLength(1);
  });

  test('names of elements that are not read are not told either', async () => {
    const body = { ...event, BERTHIER: { modifierExtension: [] }, contained: [{ modifierExtension: [] }] };
    const { text } = await send('/fhir/AuditEvent', JSON.stringify(body));
    expect(outcomeOf(text).issue.map(({ expression }) => expression)).toEqual([
      ['AuditEvent.contained[0].modifierExtension']
    ]);
  });

  test('XML under the type of JSON is refused as JSON, and does not slip in as XML', async () => {
    expect((await send('/fhir/AuditEvent', xml)).status).toBe(400);
    expect(verdicts()).toEqual(['bad-json']);
  });

  test.each(['if-none-exist', 'if-match', 'if-none-match', 'if-modified-since'])(
    'with the condition %s is answered 400, and no fact comes of it',
    async (name) => {
      const answer = await send('/fhir/AuditEvent', json, { headers: { [name]: 'x' } });
      expect(answer.status).toBe(400);
      expect(outcomeOf(answer.text).issue[0]?.details.text).toContain('If-None-Exist');
      expect(verdicts()).toEqual(['unsupported-message']);
    }
  );

  test('under another version of FHIR is answered 415, and no fact comes of it', async () => {
    const type = 'application/fhir+json; fhirVersion=5.0';
    expect((await send('/fhir/AuditEvent', json, { type })).status).toBe(415);
    expect(verdicts()).toEqual(['unsupported-message']);
    expect((await send('/fhir/AuditEvent', json, { type: type.replace('5.0', '4.0') })).status).toBe(201);
  });

  test.each(['PUT', 'PATCH', 'DELETE'])('%s is answered 405 with what is allowed', async (method) => {
    const target = app();
    for (const [path, allow] of [
      ['/fhir/AuditEvent', 'GET, POST'],
      ['/fhir/AuditEvent/c1-audit-1-0', 'GET']
    ] as const) {
      const answer = await send(path, method === 'DELETE' ? undefined : json, { method, with: target });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
      expect(outcomeOf(answer.text).issue[0]?.code).toBe('not-supported');
    }
    expect(kept()).toHaveLength(0);
  });

  test('reading and searching are sent to the console, other resources nowhere', async () => {
    const told = async (path: string, method = 'GET') => {
      const answer = await send(path, method === 'GET' ? undefined : '{}', { method });
      return [answer.status, outcomeOf(answer.text).issue[0]?.details.coding?.[0]?.code];
    };
    expect(await told('/fhir/AuditEvent?date=ge2026-11-24')).toEqual([404, 'fhir-read']);
    expect(await told('/fhir/AuditEvent/c1-audit-1-0')).toEqual([404, 'fhir-read']);
    expect(await told('/fhir/AuditEvent/_search', 'POST')).toEqual([404, 'fhir-read']);
    expect(await told('/fhir/Patient', 'POST')).toEqual([404, 'fhir-type']);
    expect(await told('/fhir/Patient/1')).toEqual([404, 'fhir-type']);
  });

  test('in other types, without a key, with another’s key or too fast each has its OperationOutcome', async () => {
    const status = async (sent: Sent, body: string | Uint8Array<ArrayBuffer> = json) => {
      const answer = await send('/fhir/AuditEvent', body, sent);
      expect(outcomeOf(answer.text).resourceType).toBe('OperationOutcome');
      return answer.status;
    };
    expect(await status({ type: 'text/plain' })).toBe(415);
    expect(await status({ type: 'json' })).toBe(415);
    expect(await status({ headers: { accept: 'text/html' } })).toBe(406);
    expect(await status({ headers: { accept: 'text/html, application/*;q=0.1' } }, '{}')).toBe(400);
    expect(await status({ key: 'guess' })).toBe(401);
    expect(await status({ key: 'other-secret' })).toBe(403);
    expect(await status({ headers: { 'content-encoding': 'gzip' } })).toBe(415);
    expect(await status({}, ' '.repeat(300_000))).toBe(413);
    const slow = app({ requestsPerSecond: 1, now: () => 0 });
    expect([
      await status({ with: slow }, '[]'),
      await status({ with: slow }, '[]'),
      await status({ with: slow })
    ]).toEqual([400, 400, 429]);
  });

  test('a full spool is answered 503 with the time to come back', async () => {
    const full = app({ spool: { pressure: true, append: () => Promise.reject(new Error('not reached')) } });
    const answer = await send('/fhir', batch(entry(event)), { with: full });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
    expect(outcomeOf(answer.text).issue[0]?.code).toBe('transient');
  });
});

test('gzip is read', async () => {
  const headers = { 'content-encoding': 'gzip' };
  expect((await send('/fhir/AuditEvent', new Uint8Array(gzipSync(json)), { headers })).status).toBe(201);
});

test.each(['application/fhir+json', 'application/fhir+xml'])(
  'the CapabilityStatement says in %s what the feed does, and where the rest is',
  async (accept) => {
    const response = await app().request('/fhir/metadata', { headers: { accept } });
    expect(response.headers.get('content-type')).toBe(`${accept}; charset=utf-8`);
    const text = await response.text();
    const statement: unknown = accept.endsWith('json') ? JSON.parse(text) : readFhirXml(text);
    expect(statement).toMatchObject({
      resourceType: 'CapabilityStatement',
      fhirVersion: '4.0.1',
      software: { name: 'Vigie collector', version: expect.stringMatching(/^\d+\.\d+/) as string },
      implementation: { description: expect.stringContaining('console') as string }
    });
    expect(text).toMatch(/"?interaction"?.{0,30}create/);
    expect(text).toMatch(/"?interaction"?.{0,30}batch/);
    expect(text).not.toContain('search-type');
  }
);

test('whatever is sent, an answer of FHIR comes back, and what was refused gives no fact', async () => {
  const target = app();
  const pieces = [
    json,
    xml,
    batch(entry(event)),
    '{',
    '[',
    '"',
    '<',
    '>',
    '&#0;',
    '\\',
    'null',
    '1e9',
    '"__proto__":',
    '\ufeff'
  ];
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(30),
    put: fc.constantFrom(...pieces)
  });
  const sent = fc.record({
    body: fc.constantFrom(json, xml, batch(entry(event), entry({})), '[]'),
    edits: fc.array(edit, { maxLength: 3 }),
    path: fc.constantFrom('/fhir', '/fhir/AuditEvent'),
    type: fc.constantFrom('application/fhir+json', 'application/fhir+xml')
  });
  const next = () => [...spool.environment.batches.audit.getKeys({ reverse: true, limit: 1 })][0] ?? 0;
  await fc.assert(
    fc.asyncProperty(sent, async ({ body, edits, path, type }) => {
      const before = next() + 1;
      const text = edits.reduce((before, { at, cut, put }) => {
        const from = Math.floor(at * before.length);
        return before.slice(0, from) + put + before.slice(from + cut);
      }, body);
      const answer = await send(path, text, {
        type,
        with: target,
        headers: { accept: 'application/fhir+json' }
      });
      expect([200, 201, 400, 413, 422, 429]).toContain(answer.status);
      if (answer.status >= 400) {
        expect(outcomeOf(answer.text).resourceType).toBe('OperationOutcome');
        expect(answer.text).not.toMatch(/BERTHIER|LEGRAND|0012345/);
        expect(verdicts(before)).not.toContain('facts');
      }
    }),
    { numRuns: 400 }
  );
});
