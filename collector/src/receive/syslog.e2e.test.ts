import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditSyslog, counted } from '@vigie/tools/testkit/audit-messages';
import { createCertificate } from '@vigie/tools/testkit/certificates';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
let collector: TestCollector;
const file = (name: string) => join(engine.dataFolder, 'keys', name);

beforeAll(async () => {
  engine = await startTestEngine();
  const keys = join(engine.dataFolder, 'keys');
  const issuer = createCertificate(keys, 'ca');
  createCertificate(keys, 'tls');
  createCertificate(keys, 'modality', { issuer });
  createCertificate(keys, 'stranger');
  const configText = quietConfig().replace(
    '{ port: 6514 }',
    `{ port: 6514, client_ca: '${file('ca.crt')}' }`
  );
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const events = (n: number) =>
  engine.rows<{ transport: string; peer: string; source: string }>(
    `SELECT transport, peer, source FROM audit.event WHERE has(studies, '1.2.250.1.999.20.${n}')`
  );
const seen = (n: number) =>
  until(
    () => events(n),
    (rows) => rows.length > 0,
    20_000
  );

test('logger of util-linux sends audit messages over TCP, framed either way, and over UDP', async () => {
  const { syslog, syslogUdp } = collector.ports;
  const send = (n: number, ...options: string[]) => {
    const xml = auditSyslog(n).replace(/^.*? - (?=<AuditMessage)/, '');
    execFileSync('logger', [
      '--server',
      '127.0.0.1',
      '--rfc5424',
      '--priority',
      'authpriv.notice',
      '--size',
      '32KiB',
      ...options,
      '--',
      xml
    ]);
  };
  send(1, '--tcp', '--port', String(syslog));
  send(2, '--tcp', '--octet-count', '--port', String(syslog));
  send(3, '--udp', '--port', String(syslogUdp));
  const from = (transport: string) => [{ transport, peer: '127.0.0.1', source: 'deepunity' }];
  expect([await seen(1), await seen(2), await seen(3)]).toEqual([from('tcp'), from('tcp'), from('udp')]);
});

test('a datagram is one message, the largest one too, and one cut short is kept', async () => {
  const socket = createSocket('udp4');
  const large = auditSyslog(11, { bytes: 60_000 });
  expect(Buffer.byteLength(large)).toBeGreaterThan(50_000);
  for (const text of [auditSyslog(10), large, auditSyslog(12).slice(0, 600)])
    await new Promise<void>((resolve, reject) =>
      socket.send(text, collector.ports.syslogUdp, '127.0.0.1', (error) =>
        error ? reject(error) : resolve()
      )
    );
  socket.close();
  expect([(await seen(10)).length, (await seen(11)).length]).toEqual([1, 1]);
  const kept = await until(
    () =>
      engine.rows<{ transport: string; event_code: string }>(
        `SELECT transport, event_code FROM audit.event WHERE has(repairs, 'truncated')`
      ),
    (rows) => rows.length > 0
  );
  expect(kept).toEqual([{ transport: 'udp', event_code: '110103' }]);
});

test('a connection may be idle between messages for as long as it likes', async () => {
  const socket = createConnection(collector.ports.syslog, '127.0.0.1');
  socket.write(counted(auditSyslog(20)));
  await seen(20);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  socket.write(counted(auditSyslog(21)));
  await seen(21);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

describe('TLS with a client authority', () => {
  const client = (name?: string, more: ConnectionOptions = {}) =>
    connect({
      port: collector.ports.syslogTls ?? 0,
      host: '127.0.0.1',
      ca: readFileSync(file('tls.crt')),
      ...(name !== undefined && {
        cert: readFileSync(file(`${name}.crt`)),
        key: readFileSync(file(`${name}.key`))
      }),
      ...more
    });
  const closed = async (socket: ReturnType<typeof client>) => {
    socket.on('error', () => undefined);
    if (!socket.destroyed) await once(socket, 'close');
  };
  const refused = async () =>
    [
      ...(await (await fetch(`${collector.url}/metrics`)).text()).matchAll(
        /vigie_refused_total\{transport="tls",reason="([^"]*)"\} (\d+)/g
      )
    ].map((match) => match[1]);

  test('a client it signed is heard, in TLS 1.2 and 1.3', async () => {
    for (const [n, version] of [
      [30, 'TLSv1.2'],
      [31, 'TLSv1.3']
    ] as const) {
      const socket = client('modality', { minVersion: version, maxVersion: version });
      await once(socket, 'secureConnect');
      socket.end(counted(auditSyslog(n)));
      expect(await seen(n)).toEqual([{ transport: 'tls', peer: '127.0.0.1', source: 'deepunity' }]);
    }
  });

  test('one without a certificate, one with a stranger’s, and one that speaks no TLS are refused, counted and named', async () => {
    for (const socket of [client(), client('stranger')]) {
      socket.write(counted(auditSyslog(40)));
      await closed(socket);
    }
    const plain = createConnection(collector.ports.syslogTls ?? 0, '127.0.0.1');
    plain.on('error', () => undefined);
    plain.write('this is no TLS\n'.repeat(20));
    await once(plain, 'close');
    const reasons = await until(refused, (told) => told.length >= 2, 10_000);
    expect(reasons.some((reason) => reason?.startsWith('certificate: '))).toBe(true);
    expect(reasons.some((reason) => reason?.startsWith('handshake: '))).toBe(true);
    expect(await events(40)).toEqual([]);
  });
});
