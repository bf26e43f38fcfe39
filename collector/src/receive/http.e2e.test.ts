import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const fixtures = join(import.meta.dirname, '../../fixtures');
const fixture = (name: string) => readFileSync(join(fixtures, name));
const systems = createServer((request, response) => {
  const filesystem = (name: string, value: number) =>
    `node_filesystem_${name}_bytes{device="/dev/sdb",mountpoint="/srv/vna"} ${value}\n`;
  if (request.url === '/metrics') response.end(filesystem('size', 5e12) + filesystem('free', 2e12));
  else response.writeHead(request.url === '/health' ? 200 : 503).end();
});
let engine: TestEngine;
let collector: TestCollector;

beforeAll(async () => {
  systems.listen(0, '127.0.0.1');
  await once(systems, 'listening');
  const url = `http://127.0.0.1:${(systems.address() as AddressInfo).port}`;
  const configText = fixture('vigie.yaml')
    .toString()
    .replace(
      'receivers: {}',
      `receivers: {}
api_keys:
  - { id: console, system: viewer, key_file: keys/own.key, feeds: [own] }
  - { id: all, any_system: true, key_file: keys/simulator.key, feeds: [audit, transfers, exams, storage, volumes, probes, usage] }
pulls:
  - { id: disks, kind: prometheus, system: vna, url: '${url}/metrics', every_seconds: 1, filesystems: [{ mountpoint: /srv/vna, pool: VNA-1, tier: nearline }] }
probes:
  - { id: ris-http, kind: http, system: ris, url: '${url}/health', every_seconds: 1 }
  - { id: viewer-http, kind: http, system: viewer, url: '${url}/down', every_seconds: 1 }
  - { id: pacs-echo, kind: c-echo, system: pacs, host: 127.0.0.1, port: 1, called_ae: PACS, every_seconds: 1 }`
    );
  engine = await startTestEngine();
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
  systems.close();
});

async function post(
  feed: string,
  body: string | Buffer,
  type = 'application/json',
  key = collector.simulatorKey
) {
  const response = await fetch(`${collector.url}/v1/${feed}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { authorization: `Bearer ${key}`, 'content-type': type }
  });
  return { status: response.status, body: (await response.json()) as { ids?: string[]; id?: string } };
}

const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 25_000, interval: 200 });

const records = (...names: string[]) =>
  `{"records":[${names.map((name) => fixture(name).toString()).join(',')}]}`;

test('every HTTP input ends as rows of its table, and what was refused ends in quarantine', async () => {
  const answers = await Promise.all([
    post('audit', fixture('audit-csd-code/input.xml'), 'application/xml'),
    post(
      'transfers',
      records(
        'json-transfer/input.json-transfers.json',
        'json-transfer-unknown-observer/input.json-transfers.json'
      )
    ),
    post('exams', records('json-exam/input.json-exams.json')),
    post('storage', records('json-storage/input.json-storage.json')),
    post('volumes', records('json-volume-deleted/input.json-volumes.json')),
    post('probes', records('json-probe/input.json-probes.json')),
    post('usage', records('json-usage/input.json-usage.json')),
    post('own', fixture('audit-break-glass/input.xml'), 'application/xml', collector.ownKey),
    post('own', fixture('signal/input.signal.json'), 'application/json', collector.ownKey)
  ]);
  expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(200));
  const tables = [
    'ops.transfer',
    'ops.exam_event',
    'ops.storage_sample',
    'ops.study_volume',
    'ops.usage',
    'ops.signal'
  ];
  await eventually(async () => {
    for (const table of tables) {
      const [row] = await engine.rows<{ rows: number }>(`SELECT count() AS rows FROM ${table}`);
      expect(row?.rows, table).toBeGreaterThan(0);
    }
    const own = await engine.rows(
      `SELECT purpose, emergency FROM audit.event WHERE lane = 'own' AND event_code = '110113'`
    );
    expect(own).toEqual([{ purpose: 'bris_de_glace', emergency: 1 }]);
    const audit = await engine.rows(
      `SELECT source, site, actor_kind, instances, modalities, lower(hex(patients[1])) AS patient FROM audit.event WHERE lane = 'audit'`
    );
    expect(audit).toMatchObject([
      { source: 'viewer', site: 'nord', actor_kind: 'person', instances: 212, modalities: ['CT'] }
    ]);
    const transfers = await engine.rows(
      `SELECT observer, authoritative, from_system, to_system, peer, bytes, failures FROM ops.transfer`
    );
    expect(transfers).toEqual([
      {
        observer: 'pacs',
        authoritative: 1,
        from_system: 'nord-ct-1',
        to_system: 'pacs',
        peer: '10.10.7.1',
        bytes: 111_000_000,
        failures: null
      }
    ]);
    expect(await engine.rows('SELECT reason, transport FROM audit.quarantine')).toEqual([
      { reason: 'unknown-system', transport: 'http' }
    ]);
  });
  const identities = await engine.rows<{ kind: string; rows: string }>(
    'SELECT kind, count() AS rows FROM vault.identity GROUP BY kind ORDER BY kind'
  );
  expect(identities.map(({ kind }) => kind)).toEqual(['patient', 'person']);
});

test('a repeated audit message is a reception and no second event, whatever way it comes', async () => {
  const xml = fixture('audit-csd-code/input.xml').toString();
  await post('audit', JSON.stringify({ records: [{ xml }] }));
  const socket = connect(collector.ports.syslog, '127.0.0.1');
  const frame = `<85>1 2026-11-24T07:05:02Z h a - - - \ufeff${xml}`;
  socket.end(`${Buffer.byteLength(frame)} ${frame}`);
  await eventually(async () => {
    const [row] = await engine.rows(
      `SELECT (SELECT count() FROM audit.event WHERE lane = 'audit') AS events,
              (SELECT count() FROM audit.reception WHERE lane = 'audit') AS again`
    );
    expect(row).toEqual({ events: 1, again: 2 });
  });
});

test('orders and reports over MLLP end as milestones of exams', async () => {
  const names = [
    'hl7-orm-ordered',
    'hl7-orm-scheduled',
    'hl7-orm-started-latin1',
    'hl7-oru-drafted',
    'hl7-oru-signed-elsewhere'
  ];
  const socket = connect(collector.ports.mllp, '127.0.0.1');
  let answers = '';
  socket.on('data', (chunk) => (answers += chunk.toString('latin1')));
  for (const name of names)
    socket.write(Buffer.concat([Buffer.from('\x0b'), fixture(`${name}/input.hl7`), Buffer.from('\x1c\r')]));
  socket.end();
  await once(socket, 'close');
  expect(answers.match(/MSA\|AA\|M0001/g)).toHaveLength(5);
  await eventually(async () => {
    const rows = await engine.rows(
      `SELECT milestone, site, actor_role, actor_site FROM ops.exam_event WHERE source = 'ris' ORDER BY occurred_at`
    );
    expect(rows).toEqual([
      { milestone: 'ordered', site: 'nord', actor_role: 'prescriber', actor_site: '' },
      { milestone: 'scheduled', site: 'nord', actor_role: '', actor_site: '' },
      { milestone: 'started', site: 'nord', actor_role: 'performer', actor_site: 'sud' },
      { milestone: 'drafted', site: 'nord', actor_role: 'reader', actor_site: 'sud' },
      { milestone: 'signed', site: 'nord', actor_role: 'reader', actor_site: 'sud' }
    ]);
  });
});

test('pulls and probes run by themselves, and a failed check is a row with its reason', async () => {
  await eventually(async () => {
    const samples = await engine.rows(
      `SELECT DISTINCT system, pool, tier, capacity, used FROM ops.storage_sample WHERE system = 'vna'`
    );
    expect(samples).toEqual([{ system: 'vna', pool: 'VNA-1', tier: 'nearline', capacity: 5e12, used: 3e12 }]);
    const probes = await engine.rows(
      `SELECT DISTINCT probe, success, detail FROM ops.probe_result WHERE source = system AND probe != 'ris-http' OR success = 1 ORDER BY probe`
    );
    expect(probes).toEqual([
      { probe: 'pacs-echo', success: 0, detail: 'refused' },
      { probe: 'ris-http', success: 1, detail: 'ok' },
      { probe: 'viewer-http', success: 0, detail: 'bad-status' }
    ]);
  });
});

test('what is refused over HTTP leaves the process up and ready', async () => {
  expect((await post('transfers', '{"records": [')).status).toBe(400);
  expect((await post('audit', Buffer.alloc(20_000_000, 'x'), 'application/xml')).status).toBe(413);
  expect(
    (await post('audit', '<!DOCTYPE a [<!ENTITY b "c">]><AuditMessage/>', 'application/xml')).status
  ).toBe(422);
  expect((await fetch(`${collector.url}/v1/audit`, { method: 'POST', body: 'x' })).status).toBe(401);
  await eventually(async () => {
    const rows = await engine.rows<{ reason: string }>(
      'SELECT DISTINCT reason FROM audit.quarantine ORDER BY reason'
    );
    expect(rows.map(({ reason }) => reason)).toEqual([
      'bad-json',
      'doctype-refused',
      'oversize',
      'unknown-system'
    ]);
  });
  expect((await fetch(`${collector.url}/readyz`)).status).toBe(200);
  expect(collector.process.output()).not.toMatch(/BERTHIER|cmartin|0012345/);
});
