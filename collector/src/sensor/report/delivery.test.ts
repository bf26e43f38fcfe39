import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { freePort } from '@vigie/tools/testkit/ports';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noCounts } from '../counts.ts';
import { inBatches } from './batches.ts';
import { CountsDelivery } from './counts-delivery.ts';
import { Delivery } from './deliver.ts';
import { Outbox } from './outbox.ts';

const capture = join(import.meta.dirname, '../../../fixtures/dicom-capture/dcmtk.pcap');
const key = 'k'.repeat(40);
/** May send transfers alone. */
const narrowKey = 'n'.repeat(40);
const folder = mkdtempSync(join(tmpdir(), 'vigie-sensor-'));
const keyFile = join(folder, 'sensor.key');
const spool = join(folder, 'spool');
let engine: TestEngine;
let collector: TestCollector;

/** The shipped group with a sensor, whose word counts for nobody. */
function config(): string {
  const digest = createHash('sha256').update(key).digest('hex');
  return quietConfig()
    .replace(/^systems:\n/m, "systems:\n  - { id: capteur-test, name: 'Capteur', kind: other }\n")
    .replace(
      /^api_keys:\n/m,
      `api_keys:\n  - { id: capteur-test, system: capteur-test, key_sha256: '${digest}', feeds: [transfers, usage] }\n  - { id: capteur-seul, system: capteur-test, key_sha256: '${createHash('sha256').update(narrowKey).digest('hex')}', feeds: [transfers] }\n`
    );
}

beforeAll(async () => {
  writeFileSync(keyFile, `${key}\n`);
  engine = await startTestEngine();
  collector = await startTestCollector(engine, { configText: config() });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the sensor over the capture. @returns its exit code and what it said */
function sense(url: string, ...flags: string[]): Promise<{ code: number; said: string[] }> {
  const args = ['--read', capture, '--ports', 'any', '--key-file', keyFile, '--spool', spool, '--url', url];
  return new Promise((resolve) =>
    execFile(process.execPath, ['collector/src/sensor/main.ts', ...args, ...flags], (error, _, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stderr.trim().split('\n') })
    )
  );
}

test('records wait on disk while the collector is away, and are stored once when it is back, read twice or not', async () => {
  const away = await sense(`http://127.0.0.1:${await freePort()}`);
  expect(away.said[0]).toContain('the collector does not answer');
  expect(JSON.parse(away.said.at(-1) ?? '')).toMatchObject({
    records: 12,
    sent: 0,
    waiting: 12,
    dropped_no_room: 0
  });
  expect(readdirSync(spool)).toHaveLength(1);

  const back = await sense(collector.url);
  expect(JSON.parse(back.said.at(-1) ?? '')).toMatchObject({ sent: 24, refused: 0, waiting: 0 });
  expect(readdirSync(spool)).toEqual([]);

  const rows = () =>
    engine.rows<{ n: number; objects: number; bytes: number; failed: number; authoritative: number }>(
      `SELECT toUInt32(count()) AS n, toUInt32(sum(instances)) AS objects, toUInt32(sum(bytes)) AS bytes, toUInt32(countIf(status IN ('rejected', 'aborted'))) AS failed,
        toUInt32(sum(authoritative)) AS authoritative FROM ops.transfer WHERE observer = 'capteur-test'`
    );
  const stored = await until(rows, ([row]) => (row?.n ?? 0) >= 12);
  // Nobody of the group is at either end, so no other observer's word is preferred.
  expect(stored).toEqual([{ n: 12, objects: 5 + 3 + 5 + 5 + 5, bytes: 3560, failed: 5, authoritative: 12 }]);
});

test('what the sensor counted is stored beside its records, once a run, under its own system', async () => {
  const counted = () =>
    engine.rows<{ label: string; n: number }>(
      `SELECT label, toUInt32(sum(count)) AS n FROM ops.usage WHERE system = 'capteur-test' AND kind = 'sensor-count' GROUP BY label ORDER BY label`
    );
  const before = new Map((await counted()).map(({ label, n }) => [label, n]));
  const said = await sense(collector.url);
  const counts = JSON.parse(said.said.at(-1) ?? '') as Record<string, number>;
  const rows = await until(
    counted,
    (all) => (all.find(({ label }) => label === 'packets')?.n ?? 0) > (before.get('packets') ?? 0)
  );
  const added = Object.fromEntries(rows.map(({ label, n }) => [label, n - (before.get(label) ?? 0)]));
  for (const name of ['packets', 'bytes', 'associations', 'dataset_bytes'])
    expect(added[name.replaceAll('_', '-')], name).toBe(counts[name]);
});

test('a key that may not send usage is said once, and the records are sent all the same', async () => {
  writeFileSync(keyFile, narrowKey);
  const narrow = await sense(collector.url);
  writeFileSync(keyFile, `${key}\n`);
  expect(narrow.said.filter((line) => line.includes('on no page of Vigie'))).toEqual([
    expect.stringContaining('add usage to the feeds of the key')
  ]);
  expect(JSON.parse(narrow.said.at(-1) ?? '')).toMatchObject({ sent: 12, waiting: 0 });
});

test('counts that were not answered for are sent again as they were, and what came meanwhile goes after them', async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      if (bodies.length === 1) request.socket.destroy();
      else response.end('{"accepted":1,"rejected":[]}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const delivery = new CountsDelivery({ url, key, say: () => undefined }, 0);
  expect(await delivery.send({ packets: 10, gaps: 0 }, 60_000)).toBe(false);
  expect(await delivery.send({ packets: 30, gaps: 2 }, 120_000)).toBe(true);
  expect(await delivery.send({ packets: 30, gaps: 2 }, 180_000)).toBe(true);
  server.close();
  expect(bodies[1]).toBe(bodies[0]);
  const counts = bodies.slice(1).map((body) =>
    (
      JSON.parse(body) as {
        records: { label: string; count: number; occurred_at: string; period_seconds: number }[];
      }
    ).records.map(
      ({ label, count, occurred_at: at, period_seconds: over }) =>
        `${label} ${count} ${Date.parse(at) / 1000}+${over}`
    )
  );
  // That no packet came is told too.
  expect(counts).toEqual([['packets 10 0+60'], ['packets 20 60+60', 'gaps 2 60+60'], ['packets 0 120+60']]);
});

test('each count of the sensor has its words on the sensor’s page', () => {
  const board = readFileSync(join(import.meta.dirname, '../../../../dashboards/boards/systems.yaml'), 'utf8');
  for (const name of [...Object.keys(noCounts()), 'refused', 'dropped_no_room'])
    expect(new RegExp(`^ {10}${name.replaceAll('_', '-')}:\\s*\\{\\s*fr: `, 'm').test(board), name).toBe(
      true
    );
});

test('a wrong key is said, and nothing is lost by it', async () => {
  writeFileSync(keyFile, 'x'.repeat(40));
  const wrong = await sense(collector.url);
  writeFileSync(keyFile, `${key}\n`);
  expect(wrong.said[0]).toContain('401: check the key and its feeds');
  expect(JSON.parse(wrong.said.at(-1) ?? '')).toMatchObject({ waiting: 12 });
});

test('what is wrongly asked is named', async () => {
  expect(await sense('ftp://somewhere')).toMatchObject({ code: 2, said: [expect.stringContaining('--url must be an address')] }); // prettier-ignore
  expect((await sense(collector.url, '--ports', 'dicom')).said[0]).toContain('--ports must be port numbers');
  expect((await sense(collector.url, '--interface', 'eth1')).said[0]).toContain(
    'either --interface or --read'
  );
});

test('a second sensor of the same spool ends and names the flag; the spool of one that was killed is taken over', async () => {
  const place = join(folder, 'shared');
  const url = `http://127.0.0.1:${await freePort()}`;
  const args = ['--read', '-', '--key-file', keyFile, '--spool', place, '--url', url];
  const first = spawn(process.execPath, ['collector/src/sensor/main.ts', ...args], {
    stdio: ['pipe', 'ignore', 'ignore']
  });
  await until(
    async () => existsSync(join(place, 'sensor.lock')),
    (taken) => taken
  );
  const second = await sense(url, '--spool', place);
  expect(second).toMatchObject({
    code: 2,
    said: [expect.stringMatching(`--spool .* is in use by another sensor \\(process ${first.pid}\\)`)]
  });
  const gone = once(first, 'exit');
  first.kill('SIGKILL');
  await gone;
  expect((await sense(url, '--spool', place)).code).toBe(0);
  expect(readdirSync(place)).toEqual(['000000000000.ndjson']);
});

test('the outbox holds no more than it may, counts what it dropped, and survives a restart', () => {
  const place = join(folder, 'outbox');
  const outbox = new Outbox(place, 1000);
  const line = JSON.stringify({ text: 'x'.repeat(380) });
  expect([outbox.keep([line]), outbox.keep([line]), outbox.keep([line, line])]).toEqual([true, true, false]);
  expect([outbox.waiting, outbox.dropped]).toEqual([2, 2]);
  const again = new Outbox(place, 1000);
  expect(again.waiting).toBe(2);
  const first = again.first()!;
  expect(first.body.toString()).toBe(`${line}\n`);
  again.remove(first);
  expect([again.keep([line]), again.waiting]).toEqual([true, 2]);
});

/** Something that answers a POST with these, one after the other, then with the last. */
async function answering(...answers: (readonly [status: number, body: string])[]) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let asked = '';
    request
      .on('data', (chunk: Buffer) => (asked += chunk.toString()))
      .on('end', () => {
        const [status, body] = answers[Math.min(bodies.push(asked), answers.length) - 1]!;
        response.writeHead(status).end(body);
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    bodies,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    }
  };
}
const taken = [200, JSON.stringify({ accepted: 2, rejected: [], ids: ['a', 'b'] })] as const;

test.each([
  [200, '<html>Sign in</html>'],
  [200, '{"status":"ok"}'],
  [422, 'Unprocessable'],
  [400, '<html>The plain HTTP request was sent to HTTPS port</html>']
])('what answers %i as no collector does takes nothing: records wait', async (status, body) => {
  const outbox = new Outbox(mkdtempSync(join(folder, 'proxy-')), 100_000);
  outbox.keep(['{}', '{}']);
  const proxy = await answering([status, body]);
  const said: string[] = [];
  const delivery = new Delivery({ url: proxy.url, key, outbox, say: (text) => said.push(text) });
  expect(await delivery.send(Date.now())).toBe(false);
  proxy.stop();
  expect([outbox.waiting, delivery.counts]).toEqual([2, { sent: 0, refused: 0, retries: 1 }]);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(`what answers at ${proxy.url} is not a collector`);
});

test('a batch that would be refused every time stands aside for those after it, is counted, and said once', async () => {
  const place = mkdtempSync(join(folder, 'refused-'));
  const outbox = new Outbox(place, 2000);
  for (let n = 0; n < 4; n++) outbox.keep(['{}', '{}']);
  const refusal = JSON.stringify({ code: 'bad-body', message: 'no', mend: 'yes' });
  const server = await answering([413, '<html>Too large</html>'], [400, refusal], [413, ''], taken);
  const said: string[] = [];
  const delivery = new Delivery({ url: server.url, key, outbox, say: (text) => said.push(text) });
  expect(await delivery.send(Date.now())).toBe(true);
  server.stop();
  expect(delivery.counts).toEqual({ sent: 2, refused: 6, retries: 0 });
  expect(readdirSync(place)).toEqual([0, 1, 2].map((n) => `00000000000${n}.ndjson.refused`));
  expect(said[0]).toContain('.refused');
  // A restart neither sends them again nor writes over them, and they go where room is needed.
  const again = new Outbox(place, 2000);
  expect([again.waiting, again.keep(['{}'])]).toEqual([0, true]);
  expect(readdirSync(place)).toHaveLength(4);
  expect(again.keep(['x'.repeat(1994)])).toBe(true);
  expect(readdirSync(place).filter((name) => name.endsWith('.refused'))).toEqual([]);
});

test.each([
  [200, '<html>Sign in</html>'],
  [422, 'Unprocessable']
])('counts answered %i as no collector does are kept, sent as they were, and that is said once', async (status, body) => {
  const proxy = await answering([status, body], [status, body], [200, '{"accepted":1,"rejected":[]}']);
  const said: string[] = [];
  const counts = new CountsDelivery({ url: proxy.url, key, say: (text) => said.push(text) }, 0);
  expect(await counts.send({ packets: 1 }, 60_000)).toBe(false);
  expect(await counts.send({ packets: 2 }, 120_000)).toBe(false);
  expect(await counts.send({ packets: 3 }, 180_000)).toBe(true);
  proxy.stop();
  expect(said).toEqual([expect.stringContaining(`what answers at ${proxy.url} is not a collector`)]);
  expect(proxy.bodies.map(packetsIn)).toEqual([1, 1, 1, 2]);
}); // prettier-ignore

test.each([
  [422, '{"accepted":0,"rejected":[{}]}', 'put 1 of its 1 counts in quarantine'],
  [413, '<html>Too large</html>', 'does not take it as it is (413)'],
  [400, '{"code":"bad-body","mend":"yes"}', 'does not take it as it is (400 bad-body)']
])('counts that are refused for good (%i) are said and not sent again', async (status, body, sentence) => {
  const server = await answering([status, body], [200, '{"accepted":1,"rejected":[]}']);
  const said: string[] = [];
  const counts = new CountsDelivery({ url: server.url, key, say: (text) => said.push(text) }, 0);
  await counts.send({ packets: 5 }, 60_000);
  expect(await counts.send({ packets: 7 }, 120_000)).toBe(true);
  server.stop();
  expect(said).toEqual([expect.stringContaining(sentence)]);
  expect(server.bodies.map(packetsIn)).toEqual([5, 2]);
});

const packetsIn = (body: string) =>
  (JSON.parse(body) as { records: { label: string; count: number }[] }).records[0]?.count;

test('records go in batches by number and by bytes', () => {
  const sizes = (lines: string[]) => [...inBatches(lines)].map(({ length }) => length);
  expect(sizes(Array(2500).fill('{}'))).toEqual([1000, 1000, 500]);
  expect(sizes(Array(100).fill('x'.repeat(4999)))).toEqual([50, 50]);
  expect(sizes(['{}', 'x'.repeat(300_000), '{}'])).toEqual([1, 1, 1]);
  expect(sizes([])).toEqual([]);
});
