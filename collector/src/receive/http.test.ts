import { createHash, hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseConfig } from '@vigie/schemas';
import { Feed } from '@vigie/schemas/config/inputs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDirectory } from '../normalise/directory.ts';
import type { Lane, Reception } from '../reception.ts';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { SourceLimits } from './source-limits.ts';
import type { HttpDependencies, HttpOutcome } from './http-dependencies.ts';
import { createHttpApp } from './http.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const audit = readFileSync(join(fixtures, 'audit-csd-code/input.xml'), 'utf8');
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const keys = { pacs: 'pacs-secret', any: 'any-secret', own: 'own-secret' };
const config = parseConfig(
  readFileSync(join(fixtures, 'vigie.yaml'), 'utf8').replace(
    'receivers: {}',
    `receivers: { max_message_bytes: 200000 }
api_keys:
  - { id: pacs-key, system: pacs, key_sha256: ${sha(keys.pacs)}, feeds: [audit, transfers, exams, storage, volumes, probes] }
  - { id: any-key, any_system: true, key_sha256: ${sha(keys.any)}, feeds: [transfers, storage] }
  - { id: own-key, system: viewer, key_sha256: ${sha(keys.own)}, feeds: [own] }`
  ),
  'test.yaml'
);
const transfer = {
  occurred_at: '2026-11-24T08:05:00+01:00',
  service: 'C-STORE',
  calling_ae: 'NORD_CT1',
  called_ae: 'PACS',
  status: 'success'
};

let folder: string;
let spool: Spool;
let outcomes: HttpOutcome[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-http-'));
  const limits = { maxBytes: 50_000_000, reserveBytes: 0 };
  spool = new Spool(folder, limits, new SharedArrayBuffer(24), () => {});
  outcomes = [];
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true });
});

function app(more: Partial<HttpDependencies> = {}) {
  const directory = createDirectory(config, Buffer.alloc(32, 7));
  return createHttpApp({
    config,
    digests: new Map(config.api_keys.map((key) => [key.id, key.key_sha256 ?? ''])),
    directory,
    limits: new SourceLimits(config, directory),
    spool,
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

async function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  { key = keys.pacs, type = 'application/json', headers = {}, with: target = app() } = {}
) {
  const response = await target.request(path, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${key}`, 'content-type': type, ...headers }
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as object };
}

const records = (...list: unknown[]) => JSON.stringify({ records: list });

function spooled(lane: Lane): Reception[] {
  return [...spool.environment.batches[lane].getRange()].flatMap(({ value }) => decodeBatch(value));
}

describe('what is taken', () => {
  test('a batch is kept in the order of its verdicts, and refused records are kept too', async () => {
    const body = records(
      transfer,
      { ...transfer, status: 'fine' },
      { ...transfer, observer: 'vna' },
      transfer
    );
    const answer = await post('/v1/transfers', body);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      accepted: 2,
      ids: ['c1-ops-1', 'c1-ops-4'],
      rejected: [
        { index: 1, field: 'status', message: expect.stringMatching(/^must be one of success/) as string },
        { index: 2, field: 'system', message: expect.stringContaining('another system') as string }
      ]
    });
    expect(spooled('ops').map(({ source, format }) => [source, format])).toEqual(
      Array(4).fill(['pacs', 'json-transfers'])
    );
  });

  test('NDJSON is taken line by line, and a line that is no JSON is refused alone', async () => {
    const body = `${JSON.stringify(transfer)}\r\n\n{"occurred_at"\n${JSON.stringify(transfer)}`;
    const answer = await post('/v1/transfers', body, { type: 'application/x-ndjson; charset=utf-8' });
    expect(answer.body).toMatchObject({ accepted: 2, rejected: [{ index: 1 }] });
    expect(spooled('ops')).toHaveLength(3);
  });

  test('a gzipped body is taken', async () => {
    const body = new Uint8Array(gzipSync(records(transfer)));
    const answer = await post('/v1/transfers', body, { headers: { 'content-encoding': 'gzip' } });
    expect(answer.body).toMatchObject({ accepted: 1 });
  });

  test('an audit message is taken as a document and as text in a record', async () => {
    const xml = await post('/v1/audit', audit, { type: 'application/xml' });
    const json = await post('/v1/audit', records({ xml: audit }));
    expect([xml.body, json.body]).toMatchObject([{ ids: ['c1-audit-1'] }, { ids: ['c1-audit-2'] }]);
    expect(spooled('audit').map(({ format }) => format)).toEqual(['audit-xml', 'json-audit']);
  });

  test('a key for any system speaks for the system each record names', async () => {
    const sample = { occurred_at: '2026-11-24T08:05:00Z', pool: 'P', tier: 'online', used_bytes: 1 };
    const body = records(
      { ...sample, system: 'vna' },
      { ...sample, system: 'pacs' },
      { ...sample, system: 'x' }
    );
    const answer = await post('/v1/storage', body, { key: keys.any });
    expect(answer.body).toMatchObject({ accepted: 2, rejected: [{ index: 2, field: 'system' }] });
    expect(spooled('ops').map(({ source }) => source)).toEqual(['vna', 'pacs', 'x']);
  });

  test('own audits and signals go to the own lane and answer one id', async () => {
    const own = await post('/v1/own', audit, { key: keys.own, type: 'application/xml' });
    const signal = await post(
      '/v1/own',
      JSON.stringify({
        occurred_at: '2026-11-24T08:05:00Z',
        code: 'service-down',
        severity: 'critical',
        state: 'opened',
        subject: 'ris'
      }),
      { key: keys.own }
    );
    expect([own.body, signal.body]).toEqual([{ id: 'c1-own-1' }, { id: 'c1-own-2' }]);
    expect(spooled('own').map(({ format }) => format)).toEqual(['own-audit', 'signal']);
  });
});

describe('what is refused', () => {
  test('unknown keys, wrong inputs and wrong methods each have their answer', async () => {
    const target = app();
    expect((await post('/v1/transfers', records(transfer), { key: 'guess', with: target })).status).toBe(401);
    expect((await post('/v1/own', '{}', { with: target })).status).toBe(403);
    const nothing = await post('/v1/nothing', '{}', { with: target });
    expect(nothing.status).toBe(404);
    const told = JSON.stringify(nothing.body);
    for (const feed of Feed.options) expect(told).toContain(`/v1/${feed}`);
    expect((await target.request('/v1/transfers')).status).toBe(405);
    expect((await target.request('/v1/transfers', { method: 'POST', body: '{}' })).status).toBe(401);
    expect(spooled('ops')).toHaveLength(0);
    expect(outcomes.map(({ code }) => code)).toEqual([
      'unauthorised',
      'feed-not-allowed',
      'not-found',
      'method-not-allowed',
      'unauthorised'
    ]);
  });

  test('a body that is no list of records is answered 400 and kept in quarantine', async () => {
    const answer = await post('/v1/transfers', '{"patient": "BERTHIER"');
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'bad-body' });
    expect(JSON.stringify(answer.body)).not.toContain('BERTHIER');
    expect(spooled('ops').map(({ raw }) => raw.toString())).toEqual(['{"patient": "BERTHIER"']);
  });

  test('when every record is refused the status says so', async () => {
    const answer = await post('/v1/transfers', records({ ...transfer, study: 'DURAND^Anne' }));
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'bad-record', accepted: 0, rejected: [{ field: 'study' }] });
    expect(JSON.stringify(answer.body)).not.toContain('DURAND');
  });

  test('an own audit that cannot be decoded is not taken for written', async () => {
    const answer = await post('/v1/own', '<AuditMessage>', { key: keys.own, type: 'application/xml' });
    expect(answer.status).toBe(422);
    expect(answer.body).not.toHaveProperty('id');
  });

  test('a body beyond the cap is answered 413 and its head kept', async () => {
    const body = 'x'.repeat(300_000);
    const answer = await post('/v1/audit', body, { type: 'application/xml' });
    expect(answer.status).toBe(413);
    const [kept] = spooled('audit');
    expect(kept?.raw.length).toBe(65_536);
    expect(kept?.oversize).toEqual({ bytes: 300_000, sha256: hash('sha256', body) });
  });

  test('a gzip bomb is answered 413, and a body that is no gzip 415', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000)));
    expect((await post('/v1/transfers', bomb, { headers })).status).toBe(413);
    expect((await post('/v1/transfers', 'plain', { headers })).status).toBe(415);
    expect((await post('/v1/transfers', 'x', { headers: { 'content-encoding': 'br' } })).status).toBe(415);
  });

  test('too many records, an empty list and other media types are refused', async () => {
    const many = '1\n'.repeat(5_001);
    expect((await post('/v1/transfers', many, { type: 'application/x-ndjson' })).status).toBe(413);
    expect((await post('/v1/transfers', records())).status).toBe(400);
    expect((await post('/v1/transfers', '<x/>', { type: 'application/xml' })).status).toBe(415);
    expect((await post('/v1/transfers', 'a,b', { type: 'text/csv' })).status).toBe(415);
  });

  test('a full spool is answered 503 with the time to come back, and nothing is kept', async () => {
    const full = app({ spool: { pressure: true, append: () => Promise.reject(new Error('not reached')) } });
    const answer = await post('/v1/transfers', records(transfer), { with: full });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('10');
  });

  test('a spool that fills while the request is taken is answered 503 too', async () => {
    const error = Object.assign(new Error('full'), { code: 'spool-full' });
    const full = app({ spool: { pressure: false, append: () => Promise.reject(error) } });
    expect((await post('/v1/transfers', records(transfer), { with: full })).status).toBe(503);
  });

  test('one key is slowed down without slowing the others', async () => {
    const target = app({ requestsPerSecond: 2, now: () => Date.parse(transfer.occurred_at) });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++)
      statuses.push((await post('/v1/transfers', records(transfer), { with: target })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    expect(
      (
        await post('/v1/transfers', records({ ...transfer, observer: 'vna' }), {
          key: keys.any,
          with: target
        })
      ).status
    ).toBe(200);
  });

  test('a key that speaks for no system stops the start', () => {
    const [first] = config.api_keys;
    if (first === undefined) throw new Error('no key');
    const { system: _, ...rest } = first;
    expect(() => app({ config: { ...config, api_keys: [rest] } })).toThrow(/speaks for no system/);
  });
});

test('a sender beyond its own rate or size is told so, for how long, and others are not held up', async () => {
  const narrow = structuredClone(config);
  for (const system of narrow.systems)
    if (system.id === 'pacs') system.limits = { max_messages_per_second: 10, max_message_bytes: 4096 };
  const limits = new SourceLimits(narrow, createDirectory(narrow, Buffer.alloc(32, 7)));
  const target = app({ limits, now: () => 1_764_000_000_000 });
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => JSON.stringify({ ...transfer, calling_ae: `CT${i}` })).join('\n');
  const type = 'application/x-ndjson';
  const large = await post('/v1/transfers', lines(60), { type, with: target });
  expect(large.status).toBe(413);
  for (let i = 0; i < 3; i++)
    expect((await post('/v1/transfers', lines(20), { type, with: target })).status).toBe(i < 2 ? 200 : 429);
  const refused = await post('/v1/transfers', lines(1), { type, with: target });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('2');
  const other = await post('/v1/transfers', JSON.stringify({ ...transfer, observer: 'pacs' }), {
    type,
    key: keys.any,
    with: target
  });
  expect(other.status).toBe(200);
});
