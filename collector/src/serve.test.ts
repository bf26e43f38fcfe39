import { createServer } from 'node:net';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { quietConfig, startTestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(async () => {
  await engine?.stop();
});

const count = async (query: string) => Number((await engine.rows<{ n: number }>(query))[0]?.n);

test('an orderly stop stores what was taken in, audits its start and stop, and exits with 0', async () => {
  const collector = await startTestCollector(engine);
  await sendTcp(
    collector.ports.syslog,
    Array.from({ length: 500 }, (_, n) => counted(auditSyslog(n)))
  );
  await until(
    async () =>
      Number(
        /vigie_stage_records_total\{stage="receive",source="syslog-tcp",outcome="sent"\} (\d+)/.exec(
          await metrics(collector.url)
        )?.[1] ?? 0
      ),
    (records) => records === 500
  );
  const { process } = collector;
  await collector.stop();
  expect(process.child.exitCode).toBe(0);
  expect(await count(`SELECT count() AS n FROM audit.event WHERE lane = 'audit'`)).toBe(500);
  const own = await engine.rows(
    `SELECT event_code, event_types, source, transport FROM audit.event WHERE lane = 'own' ORDER BY seq`
  );
  const told = { event_code: '110100', source: 'vigie', transport: 'self' };
  expect(own).toEqual([
    { ...told, event_types: ['110120'] },
    { ...told, event_types: ['110121'] }
  ]);
});

test('another vigie.yaml than at the start before is told in the own lane, by the parts that changed', async () => {
  const told = (code: string) =>
    engine.rows<{ event_types: string[] }>(
      `SELECT event_types FROM audit.event WHERE lane = 'own' AND event_code = {code:String} ORDER BY seq`,
      { code }
    );
  const startAndStop = async (configText: string, changes: number) => {
    const activities = (await told('110100')).length;
    const collector = await startTestCollector(engine, { configText });
    await until(
      () => told('110100'),
      (rows) => rows.length > activities
    );
    await until(
      () => told('110113'),
      (rows) => rows.length === changes
    );
    await collector.stop();
  };
  await startAndStop(quietConfig(), 0);
  await startAndStop(quietConfig().replace(/raw_months: \d+/, 'raw_months: 11'), 1);
  const auditor = quietConfig().replace('role: direction', 'role: auditor');
  await startAndStop(auditor, 2);
  await startAndStop(`# a comment\n${auditor}`, 3);
  expect((await told('110113')).map(({ event_types }) => event_types)).toEqual([
    ['110131', 'config:retention'],
    ['110131', '110136', 'config:accounts', 'config:retention'],
    ['110131', 'config:text']
  ]);
});

async function metrics(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

test('it says that it lives, whether it is ready, and what it does, without patient data', async () => {
  const collector = await startTestCollector(engine);
  try {
    await sendTcp(collector.ports.syslog, [
      counted(auditSyslog(900_001)),
      counted('<13>1 - - - - - - PATIENT^SECRET')
    ]);
    await until(
      () => count(`SELECT count() AS n FROM audit.quarantine`),
      (n) => n === 1
    );
    expect((await fetch(`${collector.url}/livez`)).status).toBe(200);
    const ready = await fetch(`${collector.url}/readyz`);
    expect([ready.status, ((await ready.json()) as { ready: boolean }).ready]).toEqual([200, true]);
    const text = await until(
      () => metrics(collector.url),
      (told) => /vigie_stage_records_total\{stage="store",source="deepunity",outcome="sent"\} 1/.test(told)
    );
    for (const name of [
      'vigie_spool_bytes',
      'vigie_spool_oldest_seconds',
      'vigie_lag_seconds',
      'vigie_parked',
      'vigie_syslog_udp_kernel_drops'
    ])
      expect(text).toContain(`\n${name}`);
    expect(text + collector.process.output()).not.toMatch(/PATIENT|SECRET|1\.2\.250\.1\.999\.20/);
  } finally {
    await collector.stop();
  }
});

test('a busy port is an exit code 2 and a sentence that names the port', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as { port: number };
  await expect(startTestCollector(engine, { env: { VIGIE_SYSLOG_PORT: String(port) } })).rejects.toThrow(
    new RegExp(`exited with 2 before it was ready:\\n[\\s\\S]*Port ${port} is in use`)
  );
  squatter.close();
});

test('a vigie.yaml that cannot be used is an exit code 1 and names file, line and mend', async () => {
  const configText = quietConfig().replace(/^receivers:$/m, 'receivers:\n  nonsense: 1');
  await expect(startTestCollector(engine, { configText })).rejects.toThrow(
    /exited with 1 before it was ready:\n[\s\S]*vigie\.yaml:\d+:\d+ receivers\.nonsense is not a known setting/
  );
});

test('a file that is missing is an exit code 1 and names the file and what to do', async () => {
  await expect(startTestCollector(engine, { env: { VIGIE_CONFIG: '/nowhere/vigie.yaml' } })).rejects.toThrow(
    /exited with 1 before it was ready:\n\/nowhere\/vigie\.yaml cannot be read \(ENOENT\): name the configuration/
  );
});

test('a worker that cannot be kept alive ends the process, visibly', { timeout: 30_000 }, async () => {
  const key = join(engine.dataFolder, 'keys', 'vault.pub');
  renameSync(key, `${key}.away`);
  try {
    const { process } = await startTestCollector(engine);
    if (process.child.exitCode === null) await once(process.child, 'exit');
    expect(process.child.exitCode).toBe(1);
    expect(process.output()).toContain('the seal worker died and is replaced');
    expect(process.output()).toContain(
      'The collector can store nothing more and stops; what it holds is safe'
    );
  } finally {
    renameSync(`${key}.away`, key);
  }
});

test('with an OTLP endpoint, blocks and requests are traced there', async () => {
  const bodies: string[] = [];
  const receiver = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(`${request.url} ${Buffer.concat(chunks).toString('latin1')}`);
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as { port: number };
  const collector = await startTestCollector(engine, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }
  });
  await fetch(`${collector.url}/v1/audit`, { method: 'POST' });
  await collector.stop();
  receiver.close();
  expect(collector.process.child.exitCode).toBe(0);
  expect(bodies.every((body) => body.startsWith('/v1/traces '))).toBe(true);
  expect(bodies.join()).toContain('vigie.block');
  expect(bodies.join()).toContain('POST /v1/');
});
