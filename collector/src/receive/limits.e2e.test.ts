import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditSyslog, counted } from '@vigie/tools/testkit/audit-messages';
import { createCertificate } from '@vigie/tools/testkit/certificates';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
let collector: TestCollector;
/** Senders of the tests, by the address they send from. */
const [fast, small, free] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];

beforeAll(async () => {
  engine = await startTestEngine();
  createCertificate(join(engine.dataFolder, 'keys'), 'tls');
  const configText = quietConfig()
    .replace(
      '    silence_minutes: 30\n',
      `    networks: ['${fast}/32']\n    limits: { max_messages_per_second: 25 }\n`
    )
    .replace(
      '    hl7_applications: [',
      `    networks: ['${small}/32']\n    limits: { max_message_bytes: 2048 }\n    hl7_applications: [`
    );
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const stored = async (from: number, to: number) => {
  const [row] = await engine.rows<{ n: number }>(
    `SELECT toUInt32(uniqExact(s)) AS n FROM audit.event ARRAY JOIN studies AS s
     WHERE toUInt64OrZero(splitByChar('.', s)[-1]) >= ${from} AND toUInt64OrZero(splitByChar('.', s)[-1]) < ${to}`
  );
  return row?.n ?? 0;
};
const all = (from: number, to: number) =>
  until(
    () => stored(from, to),
    (n) => n === to - from
  );
const metric = async (pattern: RegExp) =>
  Number(pattern.exec(await (await fetch(`${collector.url}/metrics`)).text())?.[1] ?? 0);
const dial = async (localAddress: string) => {
  const socket = createConnection({ port: collector.ports.syslog, host: '127.0.0.1', localAddress });
  await once(socket, 'connect');
  return socket;
};

test('over TCP a sender beyond its rate is read later: nothing is lost, and nobody else waits', async () => {
  const one = await dial(fast);
  const other = await dial(free);
  one.end(Buffer.concat(Array.from({ length: 200 }, (_, i) => counted(auditSyslog(1000 + i)))));
  await until(
    () => metric(/vigie_limited_total\{transport="tcp",source="deepunity"\} (\d+)/),
    (n) => n > 0
  );
  other.end(counted(auditSyslog(2000)));
  await all(2000, 2001);
  expect(await stored(1000, 1200)).toBeLessThan(200);
  await all(1000, 1200);
});

test('over UDP what is beyond the rate is counted: taken and lost make what was sent', async () => {
  const socket = createSocket('udp4');
  socket.bind(0, fast);
  await once(socket, 'listening');
  for (let i = 0; i < 300; i++)
    await new Promise<void>((resolve) =>
      socket.send(auditSyslog(3000 + i), collector.ports.syslogUdp, '127.0.0.1', () => resolve())
    );
  socket.close();
  const lost = () => metric(/vigie_refused_total\{transport="udp",reason="over-rate"\} (\d+)/);
  await until(
    async () => (await stored(3000, 3300)) + (await lost()),
    (sum) => sum === 300
  );
  expect(await lost()).toBeGreaterThan(0);
});

test('a message beyond its sender’s size is kept by its head, and the next one is whole', async () => {
  const socket = await dial(small);
  socket.end(Buffer.concat([counted(auditSyslog(4000, { bytes: 9000 })), counted(auditSyslog(4001))]));
  await all(4001, 4002);
  const rows = await until(
    () =>
      engine.rows<{ reason: string; n: number }>(
        `SELECT reason, toUInt32(bytes) AS n FROM audit.quarantine WHERE peer = '${small}'`
      ),
    (found) => found.length > 0
  );
  expect(rows).toEqual([{ reason: 'oversize', n: Buffer.byteLength(auditSyslog(4000, { bytes: 9000 })) }]);
  const roomy = await dial(free);
  roomy.end(counted(auditSyslog(4002, { bytes: 9000 })));
  await all(4002, 4003);
});

test('2,000 idle and 50 slow connections at once, half of them TLS, hold nobody up and little memory', async () => {
  const anonymous = () =>
    Number(
      /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${collector.process.child.pid}/status`, 'utf8'))?.[1]
    ) / 1024;
  const before = anonymous();
  const sockets: Socket[] = [];
  const ca = readFileSync(join(engine.dataFolder, 'keys', 'tls.crt'));
  const open = async (secure: boolean) => {
    const socket = secure
      ? connect({
          port: collector.ports.syslogTls ?? 0,
          host: '127.0.0.1',
          ca,
          servername: 'vigie',
          checkServerIdentity: () => undefined
        })
      : createConnection(collector.ports.syslog, '127.0.0.1');
    sockets.push(socket);
    await once(socket, secure ? 'secureConnect' : 'connect');
    return socket;
  };
  const idle: Socket[] = [];
  for (let i = 0; i < 2000; i += 50)
    idle.push(...(await Promise.all(Array.from({ length: 50 }, (_, j) => open(j % 2 === 0)))));
  const slow = await Promise.all(Array.from({ length: 50 }, (_, i) => open(i % 2 === 0)));
  const last = 6;
  const messages = slow.map((_, i) => counted(auditSyslog(5000 + i)));
  slow.forEach((socket, i) => socket.write(messages[i]?.subarray(0, -last) ?? ''));
  for (let left = last; left > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    slow.forEach((socket, i) =>
      socket.write(messages[i]?.subarray(-left, left === 1 ? undefined : -left + 1) ?? '')
    );
    const prompt = await dial(free);
    prompt.end(counted(auditSyslog(6000 + left)));
    await all(6000 + left, 6001 + left);
  }
  await all(5000, 5050);
  expect(await metric(/vigie_connections\{transport="tcp"\} (\d+)/)).toBeGreaterThanOrEqual(1025);
  expect(await metric(/vigie_connections\{transport="tls"\} (\d+)/)).toBe(1025);
  expect(anonymous() - before).toBeLessThan(200);
  expect(idle.filter((socket) => socket.destroyed)).toEqual([]);
  idle.forEach((socket, i) => i % 20 === 0 && socket.write(counted(auditSyslog(7000 + i / 20))));
  await all(7000, 7100);
  for (const socket of sockets) socket.destroy();
  await until(
    () => metric(/vigie_connections\{transport="tls"\} (\d+)/),
    (n) => n === 0
  );
});
