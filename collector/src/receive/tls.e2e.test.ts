import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { createCertificate, type TestCertificate } from '@vigie/tools/testkit/certificates';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { startRsyslog } from '@vigie/tools/testkit/rsyslog';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
let collector: TestCollector;
let keys: string;
let authority: TestCertificate;
let server: TestCertificate;
const clients: Record<string, TestCertificate> = {};
const inUse = (name: 'server.crt' | 'server.key' | 'ca.crt') => join(keys, name);

/** The server certificate of a name, put where the collector reads it. */
function install(certificate: TestCertificate): void {
  copyFileSync(certificate.certificate, inUse('server.crt'));
  copyFileSync(certificate.key, inUse('server.key'));
}

beforeAll(async () => {
  engine = await startTestEngine();
  keys = join(engine.dataFolder, 'keys');
  authority = createCertificate(keys, 'authority');
  server = createCertificate(keys, 'vigie', { issuer: authority, names: 'DNS:vigie', rsa: true });
  install(server);
  copyFileSync(authority.certificate, inUse('ca.crt'));
  const stranger = createCertificate(keys, 'stranger');
  clients['pacs'] = createCertificate(keys, 'pacs', { issuer: authority, names: 'DNS:pacs.example' });
  clients['relay'] = createCertificate(keys, 'relay', { issuer: authority, names: 'DNS:relay.example' });
  clients['signed'] = createCertificate(keys, 'signed', { issuer: authority });
  clients['pinned'] = createCertificate(keys, 'pinned');
  clients['expired'] = createCertificate(keys, 'expired', { issuer: authority, days: -1 });
  clients['pinned-expired'] = createCertificate(keys, 'pinned-expired', { days: -1 });
  clients['unknown'] = createCertificate(keys, 'unknown', { issuer: stranger, names: 'DNS:pacs.example' });
  clients['self'] = createCertificate(keys, 'self', { names: 'DNS:pacs.example' });
  clients['server-only'] = createCertificate(keys, 'server-only', { issuer: authority, usage: 'serverAuth' });
  const configText = quietConfig()
    .replace(
      'syslog_tls: { port: 6514 }',
      `syslog_tls: { port: 6514, certificate: '${inUse('server.crt')}', key: '${inUse('server.key')}', client_ca: '${inUse('ca.crt')}' }`
    )
    .concat(
      `
client_certificates:
  - { id: pacs, system: deepunity, match: ['dns:PACS.example'] }
  - { id: relay, any_system: true, match: ['cn:relay'] }
  - { id: ris, system: ris, match: ['sha256:${clients['pinned'].fingerprint}', 'sha256:${clients['pinned-expired'].fingerprint}'] }
`
    );
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const sources = (n: number) =>
  engine.rows<{ source: string; transport: string }>(
    `SELECT source, transport FROM audit.event WHERE has(studies, '1.2.250.1.999.20.${n}')`
  );
const seen = async (n: number) =>
  (
    await until(
      () => sources(n),
      (rows) => rows.length > 0,
      20_000
    )
  )[0];

/** Sends one message with openssl s_client, as a system with that client certificate would. */
async function openssl(n: number, client: string | undefined, ...options: string[]): Promise<string> {
  const shown = client === undefined ? undefined : clients[client];
  const child = spawn('openssl', [
    's_client',
    '-quiet',
    '-connect',
    `127.0.0.1:${String(collector.ports.syslogTls)}`,
    '-CAfile',
    inUse('ca.crt'),
    ...(shown ? ['-cert', shown.certificate, '-key', shown.key] : []),
    ...options
  ]);
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  child.stdin.on('error', () => undefined);
  child.stdin.write(counted(auditSyslog(n, { source: 'VIEWER' })));
  const gone = once(child, 'exit');
  const done = Promise.race([gone, seen(n).catch(() => undefined)]);
  await done;
  child.kill();
  await gone;
  return said;
}
const lines = () =>
  collector.process
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const told = (reason: string) =>
  until(
    async () => lines().filter((line) => line['reason'] === reason),
    (found) => found.length > 0,
    10_000
  );
const metric = async (pattern: RegExp) =>
  Number(pattern.exec(await (await fetch(`${collector.url}/metrics`)).text())?.[1] ?? 0);

test('a certificate speaks for its system, whatever the message calls itself', async () => {
  await openssl(100, 'pacs', '-tls1_3');
  await openssl(101, 'pacs', '-tls1_2');
  await openssl(102, 'pinned');
  expect(await seen(100)).toEqual({ source: 'deepunity', transport: 'tls' });
  expect(await seen(101)).toEqual({ source: 'deepunity', transport: 'tls' });
  expect(await seen(102)).toEqual({ source: 'ris', transport: 'tls' });
});

test('a relay’s messages, and those under a good but undeclared certificate, tell their own source; the latter is told', async () => {
  await openssl(110, 'relay');
  await openssl(111, 'signed');
  expect(await seen(110)).toEqual({ source: 'viewer', transport: 'tls' });
  expect(await seen(111)).toEqual({ source: 'viewer', transport: 'tls' });
  expect(await told('undeclared')).toEqual([
    expect.objectContaining({ subject: 'CN=signed', serial: clients['signed']?.serial, peer: '127.0.0.1' })
  ]);
});

test('the suites of the ATNA profiles are spoken, weaker ones are not', async () => {
  const suites = ['ECDHE-RSA-AES128-GCM-SHA256', 'DHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'];
  for (const [i, suite] of suites.entries()) await openssl(120 + i, 'pacs', '-tls1_2', '-cipher', suite);
  expect((await Promise.all([120, 121, 122].map(seen))).map((row) => row?.source)).toEqual(
    Array(3).fill('deepunity')
  );
  expect(await openssl(123, 'pacs', '-tls1_2', '-cipher', 'AES128-SHA:@SECLEVEL=0')).toMatch(
    /handshake failure/
  );
  expect(await openssl(124, 'pacs', '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0')).toMatch(/alert|error/);
  await told('no-common-cipher');
  await told('old-protocol');
  expect(await sources(123)).toEqual([]);
});

test('each bad certificate is refused for its own reason: named with subject, serial, peer and mend, and counted', async () => {
  const cases = [
    [undefined, 'missing', 'install one on the sender'],
    ['expired', 'expired', 'renew it'],
    ['pinned-expired', 'expired', 'renew it'],
    ['self', 'unknown-authority', 'client_ca'],
    ['unknown', 'incomplete-chain', 'intermediate'],
    ['server-only', 'wrong-purpose', 'clientAuth']
  ] as const;
  for (const [i, [client]] of cases.entries()) await openssl(130 + i, client);
  for (const [i, [client, reason, mend]] of cases.entries()) {
    const certificate = client === undefined ? undefined : clients[client];
    const found = await until(
      async () =>
        lines().filter((line) => line['reason'] === reason && line['serial'] === certificate?.serial),
      (matching) => matching.length > 0,
      10_000
    );
    expect(found[0]).toMatchObject({ peer: '127.0.0.1', ...(client && { subject: `CN=${client}` }) });
    expect(found[0]?.['mend']).toContain(mend);
    expect(await sources(130 + i)).toEqual([]);
  }
  expect(await metric(/vigie_refused_total\{transport="tls",reason="certificate: expired"\} (\d+)/)).toBe(2);
});

test('a sender that does not trust this collector’s certificate is told from other failures', async () => {
  const child = promisify(execFile)('openssl', [
    's_client',
    '-connect',
    `127.0.0.1:${String(collector.ports.syslogTls)}`,
    '-CAfile',
    clients['self']?.certificate ?? '',
    '-verify_return_error',
    '-tls1_2'
  ]);
  await child.catch(() => undefined);
  const line = await told('our-certificate-refused');
  expect(line[0]?.['mend']).toContain('does not trust');
});

test('rsyslog relays with its client certificate', async () => {
  const relay = await startRsyslog(keys, {
    port: collector.ports.syslogTls ?? 0,
    certificate: inUse('ca.crt'),
    ...(clients['relay'] && { client: clients['relay'] })
  });
  try {
    await sendTcp(relay.port, [counted(auditSyslog(140))]);
    expect(await seen(140)).toEqual({ source: 'deepunity', transport: 'tls' });
  } finally {
    await relay.stop();
  }
});

test('certificate, key and authorities are replaced without a restart, open connections go on, and bad files change nothing', async () => {
  const { syslogTls = 0 } = collector.ports;
  const dial = async (client: string, ca: string) => {
    const { certificate = '', key = '' } = clients[client] ?? {};
    const socket = connect({
      port: syslogTls,
      host: '127.0.0.1',
      servername: 'vigie',
      ca: readFileSync(ca),
      cert: readFileSync(certificate),
      key: readFileSync(key)
    });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  };
  const shown = async () => {
    const socket = await dial('pacs', inUse('ca.crt'));
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const open = await dial('pacs', inUse('ca.crt'));
  expect(await shown()).toBe(server.serial);

  writeFileSync(inUse('server.crt'), 'no certificate at all');
  await until(
    async () => metric(/vigie_tls_reloads_total\{outcome="kept"\} (\d+)/),
    (kept) => kept === 1
  );
  expect(await shown()).toBe(server.serial);
  expect(collector.process.output()).toContain('holds no PEM certificate');

  copyFileSync(clients['signed']?.certificate ?? '', inUse('server.crt'));
  await until(
    async () => metric(/vigie_tls_reloads_total\{outcome="kept"\} (\d+)/),
    (kept) => kept === 2
  );
  expect(await shown()).toBe(server.serial);
  expect(collector.process.output()).toContain('is not the key of');

  const next = createCertificate(keys, 'vigie-next', { issuer: authority, names: 'DNS:vigie' });
  install(next);
  await until(shown, (serial) => serial === next.serial);

  const added = createCertificate(keys, 'authority-2');
  clients['late'] = createCertificate(keys, 'late', { issuer: added });
  await openssl(150, 'late');
  expect(await sources(150)).toEqual([]);
  writeFileSync(
    inUse('ca.crt'),
    Buffer.concat([readFileSync(authority.certificate), readFileSync(added.certificate)])
  );
  await until(
    async () => metric(/vigie_tls_reloads_total\{outcome="used"\} (\d+)/),
    (used) => used === 3
  );
  await openssl(151, 'late');
  expect(await seen(151)).toEqual({ source: 'viewer', transport: 'tls' });

  open.write(counted(auditSyslog(152)));
  expect(await seen(152)).toEqual({ source: 'deepunity', transport: 'tls' });
  open.destroy();
});
