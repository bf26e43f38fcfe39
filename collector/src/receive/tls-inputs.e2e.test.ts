import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createCertificate,
  createRevocationList,
  type TestCertificate
} from '@vigie/tools/testkit/certificates';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
let collector: TestCollector;
let keys: string;
let authority: TestCertificate;
const clients: Record<string, TestCertificate> = {};
const inUse = (name: string) => join(keys, name);

beforeAll(async () => {
  engine = await startTestEngine();
  keys = join(engine.dataFolder, 'keys');
  authority = createCertificate(keys, 'authority');
  const server = createCertificate(keys, 'vigie', { issuer: authority, names: 'IP:127.0.0.1' });
  for (const name of ['ris', 'left', 'other'])
    clients[name] = createCertificate(keys, name, { issuer: authority, names: `DNS:${name}.example` });
  copyFileSync(createRevocationList(keys, authority, [clients['left']!], { der: true }), inUse('crl'));
  const tls = `{ port: 6514, certificate: '${server.certificate}', key: '${server.key}', client_ca: '${authority.certificate}', client_crl: '${inUse('crl')}' }`;
  const configText = quietConfig().replace(
    'syslog_tls: { port: 6514 }',
    `syslog_tls: ${tls}\n  http_tls: { port: 0 }\n  mllp_tls: { port: 0 }`
  ).concat(`
client_certificates:
  - { id: ris, system: ris, match: ['dns:ris.example'] }
  - { id: left, system: viewer, match: ['sha256:${clients['left']?.fingerprint}'] }
`);
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const order = (n: number) =>
  `\x0bMSH|^~\\&|OTHER|CHT|VIGIE|GHT|20261124101500||ORM^O01|M${n}|P|2.5|||||FRA|8859/1\rPID|1||123${n}^^^CHT^PI\rPV1|1|O\rORC|NW|A${n}\rOBR|1|A${n}||CT^SCANNER\r\x1c\r`;

/** One HL7 message by openssl s_client. @returns what the collector answered */
async function hl7(n: number, client: string | undefined): Promise<string> {
  const shown = client === undefined ? undefined : clients[client];
  const child = spawn('openssl', ['s_client', '-quiet', '-connect', `127.0.0.1:${collector.ports.mllpTls}`, '-CAfile', authority.certificate, ...(shown ? ['-cert', shown.certificate, '-key', shown.key] : [])]); // prettier-ignore
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stdin.on('error', () => undefined);
  child.stdin.write(order(n));
  const gone = once(child, 'exit');
  await Promise.race([
    gone,
    until(
      async () => said,
      (text) => text.includes('\x1c'),
      8000
    ).catch(() => '')
  ]);
  child.kill();
  await gone;
  return said;
}
const refused = async (transport: string, reason: string) =>
  Number(
    new RegExp(
      `vigie_refused_total\\{transport="${transport}",reason="certificate: ${reason}"\\} (\\d+)`
    ).exec(await (await fetch(`${collector.url}/metrics`)).text())?.[1] ?? 0
  );
const curl = (...args: string[]) =>
  promisify(execFile)('curl', ['-sS', '--cacert', authority.certificate, ...args]).then(
    ({ stdout }) => stdout,
    (error: { stderr: string; code: number }) => `curl ${error.code}: ${error.stderr}`
  );

test('HL7 comes over TLS, under the system that its certificate is declared for; without one it is refused', async () => {
  expect(await hl7(1, 'ris')).toContain('MSA|AA|M1');
  const stored = await until(
    () =>
      engine.rows<{ source: string }>(
        `SELECT source FROM ops.exam_event WHERE accession LIKE '%A1' UNION ALL SELECT source FROM audit.quarantine WHERE transport = 'mllp'`
      ),
    (rows) => rows.length > 0
  );
  expect(stored[0]?.source).toBe('ris');
  expect(await hl7(2, undefined)).toBe('');
  expect(await refused('mllp-tls', 'missing')).toBe(1);
  expect(collector.process.output()).toContain('or set receivers.mllp_tls.clients to optional');
});

test('a revoked certificate opens nothing, declared by its fingerprint or not, until the list no longer names it', async () => {
  expect(await hl7(3, 'left')).toBe('');
  expect(await refused('mllp-tls', 'revoked')).toBe(1);
  expect(collector.process.output()).toContain('its authority has revoked the certificate');
  copyFileSync(createRevocationList(keys, authority, [clients['other']!]), inUse('crl'));
  expect(
    await until(
      () => hl7(4, 'left'),
      (said) => said !== ''
    )
  ).toContain('MSA|AA|M4');
  expect(await hl7(5, 'other')).toBe('');
});

test('a list that is out of date lets nobody in by an authority, and says so', async () => {
  copyFileSync(createRevocationList(keys, authority, [], { hours: -24 }), inUse('crl'));
  await until(
    () => hl7(6, 'ris'),
    (said) => said === ''
  );
  expect(await refused('mllp-tls', 'crl-expired')).toBeGreaterThan(0);
  expect(collector.process.output()).toContain(
    'receivers.mllp_tls was shown a certificate whose authority’s revocation list is out of date: fetch the new one into receivers.syslog_tls.client_crl'
  );
  copyFileSync(createRevocationList(keys, authority, []), inUse('crl'));
  expect(
    await until(
      () => hl7(7, 'ris'),
      (said) => said !== ''
    )
  ).toContain('MSA|AA|M7');
});

test('the HTTP inputs are served over TLS too: the API key tells who sends, and a bad certificate is refused', async () => {
  const url = `https://127.0.0.1:${collector.ports.httpTls}`;
  const record = JSON.stringify({
    occurred_at: '2026-11-24T10:00:00Z',
    probe: 'p',
    system: 'emage',
    kind: 'http',
    success: true
  });
  const post = ['-H', `Authorization: Bearer ${collector.simulatorKey}`, '-H', 'Content-Type: application/json', '-d', `{"records":[${record}]}`, `${url}/v1/probes`]; // prettier-ignore
  expect(await curl(...post)).toContain('"accepted":1');
  expect(await curl('-H', 'Authorization: Bearer nobody', `${url}/v1/probes`, '-d', '{}')).toMatch(
    /401|unauthor|key/i
  );
  expect(await curl(`${url}/livez`)).not.toContain('curl');
  copyFileSync(createRevocationList(keys, authority, [clients['left']!]), inUse('crl'));
  const { certificate = '', key = '' } = clients['left'] ?? {};
  await until(
    () => curl('--cert', certificate, '--key', key, ...post),
    (said) => said.startsWith('curl')
  );
  expect(await refused('http-tls', 'revoked')).toBeGreaterThan(0);
  expect(await curl('--tls-max', '1.1', `${url}/livez`)).toMatch(/^curl/);
});
