import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { createCertificate, type TestCertificate } from '@vigie/tools/testkit/certificates';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { freePort } from '@vigie/tools/testkit/ports';
import { startSyslogReceiver, type SyslogReceiver } from '@vigie/tools/testkit/syslog-receiver';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
let collector: TestCollector;
let keys: string;
let authority: TestCertificate;
let server: TestCertificate;
let client: TestCertificate;
const running: { stop(): Promise<unknown> }[] = [];

beforeEach(async () => {
  engine = await startTestEngine();
  keys = join(engine.dataFolder, 'keys');
  authority = createCertificate(keys, 'authority');
  server = createCertificate(keys, 'repository', { issuer: authority });
  client = createCertificate(keys, 'vigie-client', { issuer: authority });
});
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.stop();
  await engine.stop();
});

const syslogTo = (port: number) =>
  `to: { kind: syslog-tls, host: 127.0.0.1, port: ${port}, ca: '${authority.certificate}', certificate: '${client.certificate}', key: '${client.key}' }`;
const fhirTo = (port: number) => `to: { kind: fhir, url: 'http://127.0.0.1:${port}/fhir' }`;

async function start(...targets: string[]): Promise<void> {
  const configText = `${quietConfig()}\nforwarding:\n${targets.map((one) => `  - { ${one} }\n`).join('')}`;
  collector = await startTestCollector(engine, { configText });
  running.push(collector);
}
async function receiver(port?: number, crashAfter?: number): Promise<SyslogReceiver> {
  const started = await startSyslogReceiver({
    server,
    authority,
    ...(port !== undefined && { port }),
    ...(crashAfter !== undefined && { crashAfter })
  });
  running.push(started);
  return started;
}

/** A FHIR repository that answers with what `answer` says. */
async function fhirReceiver(
  answer: (n: number, body: string) => { status: number; headers?: Record<string, string> }
) {
  const got: { body: string; type: string | undefined }[] = [];
  let asked = 0;
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { status, headers = {} } = answer(asked++, body);
      if (status < 300 && request.url === '/fhir/AuditEvent')
        got.push({ body, type: request.headers['content-type'] });
      response.writeHead(status, headers).end();
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  running.push({
    async stop() {
      http.closeAllConnections();
      const closed = once(http, 'close');
      http.close();
      await closed;
    }
  });
  return { port: (http.address() as AddressInfo).port, got };
}

const Status = z.object({
  forwarding: z.array(
    z.object({
      id: z.string(),
      pending: z.number(),
      oldest_ms: z.number(),
      sent: z.number(),
      refused: z.number(),
      unfit: z.number(),
      skipped: z.number(),
      gaps: z.array(
        z.object({ lane: z.string(), first: z.number(), last: z.number(), messages: z.number() })
      ),
      error: z.string().nullable()
    })
  )
});
const status = async (id: string) => {
  const { forwarding } = Status.parse(await (await fetch(`${collector.url}/readyz`)).json());
  const found = forwarding.find((one) => one.id === id);
  if (!found) throw new Error(`no target ${id}`);
  return found;
};
const frames = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => auditSyslog(from + i, { bytes: 3000 }));
const send = (texts: readonly string[]) =>
  sendTcp(
    collector.ports.syslog,
    texts.map((text) => counted(text))
  );
const distinct = (one: SyslogReceiver) => new Set(one.messages.map(String)).size;
const all = (one: SyslogReceiver, count: number) =>
  until(
    async () => distinct(one),
    (n) => n === count
  );
const stored = async () =>
  (await engine.rows<{ n: number }>("SELECT toUInt32(count()) AS n FROM audit.event WHERE lane = 'audit'"))[0]
    ?.n ?? 0;

test('rules choose, and what goes on is what came: syslog byte for byte, documents in a frame of their own, FHIR as FHIR', async () => {
  const everything = await receiver();
  const few = await receiver();
  const fhir = await fhirReceiver(() => ({ status: 201 }));
  await start(
    `id: everything, ${syslogTo(everything.port)}`,
    `id: few, ${syslogTo(few.port)}, when: { sources: [viewer], event_codes: ['110103'], outcomes: [0] }`,
    `id: fhir, ${fhirTo(fhir.port)}`
  );
  const pacs = auditSyslog(1);
  const viewer = auditSyslog(2, { source: 'VIEWER' });
  const failed = auditSyslog(3, { source: 'VIEWER' }).replace(
    'EventOutcomeIndicator="0"',
    'EventOutcomeIndicator="8"'
  );
  const broken = '<85>1 - pacs.ght-aube.example DEEPUNITY - - - <Broken';
  await send([pacs, viewer, failed, broken, pacs]);
  const document = auditSyslog(4).replace(/^.*? - (?=<AuditMessage)/, '');
  const resource = readFileSync(
    join(import.meta.dirname, '../../fixtures/fhir-study/input.fhir-json'),
    'utf8'
  );
  for (const [path, type, body] of [
    ['/v1/audit', 'application/xml', document],
    ['/fhir/AuditEvent', 'application/fhir+json', resource]
  ] as const) {
    const answer = await fetch(`${collector.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': type },
      body
    });
    expect(answer.ok, await answer.text()).toBe(true);
  }
  await all(everything, 5);
  const got = everything.messages.map(String);
  expect(got).toEqual(expect.arrayContaining([pacs, viewer, failed, broken]));
  const framed = got.find((text) => text.includes('- vigie -'));
  expect(framed?.replace(/^<85>1 \S+ - vigie - IHE\+RFC-3881 - /, '')).toBe(document);
  await all(few, 1);
  expect(few.messages.map(String)).toEqual([viewer]);
  await until(
    async () => fhir.got.length,
    (n) => n === 1
  );
  expect(fhir.got).toEqual([{ body: resource, type: 'application/fhir+json' }]);
  await until(
    () => status('everything'),
    ({ pending }) => pending === 0
  );
  expect(await status('everything')).toMatchObject({
    sent: 5,
    unfit: 1,
    pending: 0,
    skipped: 0,
    error: null
  });
  expect(
    await until(
      () => status('fhir'),
      ({ pending }) => pending === 0
    )
  ).toMatchObject({ sent: 1, unfit: 5 });
});

test('a dead target holds nobody up: the others and the store go on, and it gets everything once it is back', async () => {
  const port = await freePort();
  const alive = await receiver();
  await start(`id: dead, ${syslogTo(port)}`, `id: alive, ${syslogTo(alive.port)}`);
  await send(frames(0, 300));
  await all(alive, 300);
  await until(stored, (n) => n === 300);
  await until(
    () => status('dead'),
    ({ error, pending }) => error === 'ECONNREFUSED' && pending === 300
  );
  expect((await status('dead')).oldest_ms).toBeGreaterThan(0);
  expect(await (await fetch(`${collector.url}/metrics`)).text()).toMatch(
    /vigie_forward_up\{target="dead"\} 0/
  );
  expect((await fetch(`${collector.url}/readyz`)).status).toBe(200);
  const back = await receiver(port);
  await all(back, 300);
  expect(
    await until(
      () => status('dead'),
      ({ pending }) => pending === 0
    )
  ).toMatchObject({ sent: 300, error: null });
});

test('while the store is away, forwarding goes on', async () => {
  const alive = await receiver();
  await start(`id: alive, ${syslogTo(alive.port)}`);
  await engine.kill9();
  await send(frames(0, 50));
  await all(alive, 50);
  await engine.restart();
});

test('the collector killed in the middle, or the target: every message arrives at least once, and few twice', async () => {
  const target = await receiver(undefined, 700);
  await start(`id: target, ${syslogTo(target.port)}`);
  const texts = frames(0, 4000);
  await send(texts);
  await until(
    async () => target.messages.length,
    (n) => n > 1500
  );
  await collector.kill9();
  await collector.restart();
  await until(stored, (n) => n === 4000);
  await all(target, 4000);
  expect(new Set(target.messages.map(String))).toEqual(new Set(texts));
  expect(target.messages.length).toBeLessThanOrEqual(4000 + 2 * 1000);
  await until(
    () => status('target'),
    ({ pending }) => pending === 0
  );
});

test('a queue at its bound skips new messages, says which, and still delivers what waited', async () => {
  const port = await freePort();
  await start(`id: dead, ${syslogTo(port)}, queue_mb: 1`);
  await send(frames(0, 400));
  await until(stored, (n) => n === 400);
  await send(frames(400, 1000));
  await until(stored, (n) => n === 1000);
  const held = await status('dead');
  expect(held.skipped).toBeGreaterThan(0);
  expect(held.pending + held.skipped).toBe(1000);
  expect(held.gaps.reduce((sum, gap) => sum + gap.messages, 0)).toBe(held.skipped);
  const back = await receiver(port);
  await all(back, held.pending);
});

test('a FHIR target that is busy is asked again when it said, and what it refuses for good is named, not sent for ever', async () => {
  const fhir = await fhirReceiver((n, body) =>
    n === 0
      ? { status: 503, headers: { 'retry-after': '1' } }
      : { status: body.includes('09:00:01Z') ? 422 : 201 }
  );
  await start(`id: fhir, ${fhirTo(fhir.port)}`);
  const fixture = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../fixtures/fhir-study/input.fhir-json'), 'utf8')
  ) as Record<string, unknown>;
  for (let i = 0; i < 3; i++) {
    const recorded = `2026-11-24T09:00:0${i}Z`;
    const answer = await fetch(`${collector.url}/fhir/AuditEvent`, {
      method: 'POST',
      headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ ...fixture, recorded })
    });
    expect(answer.status).toBe(201);
  }
  const done = await until(
    () => status('fhir'),
    ({ pending, sent, refused }) => pending === 0 && sent + refused === 3
  );
  expect(done).toMatchObject({ sent: 2, refused: 1 });
  expect(collector.process.output()).toMatch(/"reason":"http-422".*"ids":\["c1-audit-\d+"\]/);
});

test('rsyslog is a target like another', async () => {
  const home = join(engine.dataFolder, 'rsyslog-target');
  mkdirSync(home);
  const port = await freePort();
  writeFileSync(
    join(home, 'rsyslog.conf'),
    `global(workDirectory="${home}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off"
  defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="${authority.certificate}"
  defaultNetstreamDriverCertFile="${server.certificate}" defaultNetstreamDriverKeyFile="${server.key}")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/certvalid")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="audit")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="audit") { action(type="omfile" file="${home}/audit.log" template="raw") }
`
  );
  const child = spawn('rsyslogd', ['-n', '-f', join(home, 'rsyslog.conf'), '-i', join(home, 'pid')], {
    stdio: 'ignore'
  });
  running.push({
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
  });
  await start(`id: rsyslog, ${syslogTo(port)}`);
  const texts = frames(0, 50);
  await send(texts);
  const lines = () => {
    try {
      return readFileSync(join(home, 'audit.log'), 'utf8').split('\n').filter(Boolean);
    } catch {
      return [];
    }
  };
  await until(
    async () => new Set(lines()).size,
    (n) => n >= 50
  );
  expect(new Set(lines())).toEqual(new Set(texts));
});
