import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Evidence, type Heads } from '@vigie/schemas/config/evidence';
import { startEvidenceLog, type EvidenceLog } from '@vigie/tools/testkit/evidence-log';
import { startProcess } from '@vigie/tools/testkit/process';
import { until } from '@vigie/tools/testkit/until';
import { vigie } from '@vigie/tools/testkit/vigie';
import { Head } from './head.ts';
import { publishHead } from './publish.ts';
import { readTimeStamp } from './time-stamp.ts';

/** A real authority: `openssl ts` behind HTTP, with a certificate of its own. */
const authority = mkdtempSync(join(tmpdir(), 'vigie-tsa-'));
const openssl = (...words: string[]) =>
  execFileSync('openssl', words, { cwd: authority, stdio: ['ignore', 'pipe', 'pipe'] });
let answerAs: 'authority' | 'broken' | 'another' = 'authority';
const tsa = createServer((request, response) => {
  void buffer(request).then((question) => {
    if (answerAs === 'broken') return response.writeHead(503).end();
    writeFileSync(join(authority, 'q.tsq'), question);
    if (answerAs === 'another')
      openssl('ts', '-query', '-data', 'tsa.cnf', '-sha256', '-cert', '-out', 'q.tsq');
    openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'q.tsq', '-out', 'r.tsr');
    response
      .writeHead(200, { 'content-type': 'application/timestamp-reply' })
      .end(readFileSync(join(authority, 'r.tsr')));
  });
});
const mails: string[] = [];
const smtp = new SMTPServer({
  disabledCommands: ['STARTTLS'],
  allowInsecureAuth: true,
  onAuth: ({ username, password }, _session, done) =>
    username === 'vigie' && password === 'geheim'
      ? done(null, { user: 'vigie' })
      : done(new Error('wrong password')),
  async onData(stream, _session, done) {
    mails.push(await text(stream));
    done();
  }
});

let log: EvidenceLog;
let folder: string;
let heads: Heads;
beforeAll(async () => {
  writeFileSync(
    join(authority, 'tsa.cnf'),
    `[req]
distinguished_name = dn
x509_extensions = ext
prompt = no
[dn]
CN = Horodatage de test
[ext]
extendedKeyUsage = critical,timeStamping
basicConstraints = CA:true
[tsa]
default_tsa = one
[one]
serial = ./serial
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
`
  );
  writeFileSync(join(authority, 'serial'), '01\n');
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-config',
    'tsa.cnf',
    '-keyout',
    'tsa.key',
    '-out',
    'tsa.pem',
    '-days',
    '2'
  );
  tsa.listen(0, '127.0.0.1');
  const listening = smtp.listen(0, '127.0.0.1');
  await Promise.all([once(tsa, 'listening'), once(listening, 'listening')]);
  log = await startEvidenceLog(1);
  folder = mkdtempSync(join(tmpdir(), 'vigie-heads-'));
  writeFileSync(join(log.engine.dataFolder, 'keys', 'smtp.password'), 'geheim\n');
  heads = Evidence.parse({
    heads: {
      schedule: '* * * * *',
      folder,
      timestamp_url: `http://127.0.0.1:${(tsa.address() as AddressInfo).port}/tsr`,
      mail: {
        host: '127.0.0.1',
        port: (listening.address() as AddressInfo).port,
        user: 'vigie',
        password_file: 'keys/smtp.password',
        from: 'vigie@example.fr',
        to: ['dpo@example.fr']
      }
    }
  }).heads!;
});
afterAll(async () => {
  tsa.close();
  smtp.close(() => undefined);
  await log?.stop();
  for (const one of [authority, folder]) rmSync(one, { recursive: true, force: true });
});
beforeEach(() => {
  answerAs = 'authority';
  mails.length = 0;
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

const options = () => ({ dataFolder: log.engine.dataFolder, organisation: 'GHT', now: 1_795_500_000_000 });
const file = (end: string) => join(folder, readdirSync(folder).find((name) => name.endsWith(end)) ?? 'none');

test('a head goes to a file, to an authority whose time-stamp openssl accepts, and by mail', async () => {
  const { sent } = await publishHead(log.engine.reader, heads, options());
  expect(sent.map(({ where, good }) => `${where} ${good}`)).toEqual([
    'file true',
    'timestamp true',
    'mail true'
  ]);
  expect(readdirSync(folder).toSorted()).toEqual(['head-20261124T060000Z.json', 'head-20261124T060000Z.tsr']);
  expect(Head.parse(JSON.parse(readFileSync(file('.json'), 'utf8'))).chains.map(({ lane }) => lane)).toEqual([
    'audit',
    'ops',
    'own'
  ]);
  const verified = openssl(
    'ts',
    '-verify',
    '-data',
    file('.json'),
    '-in',
    file('.tsr'),
    '-CAfile',
    'tsa.pem'
  );
  expect(verified.toString()).toContain('Verification: OK');
  expect(
    Math.abs(readTimeStamp(readFileSync(file('.tsr')), readFileSync(file('.json'))).at.getTime() - Date.now())
  ).toBeLessThan(600_000);
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain('filename=head-20261124T060000Z.json');
  expect(mails[0]).toContain('filename=head-20261124T060000Z.tsr');
});

test('where one target fails the others are served, and it is told which failed and why', async () => {
  answerAs = 'broken';
  const broken = await publishHead(
    log.engine.reader,
    { ...heads, mail: { ...heads.mail!, password_file: 'keys/none' } },
    options()
  );
  expect(broken.sent.map(({ where, good }) => `${where} ${good}`)).toEqual([
    'file true',
    'timestamp false',
    'mail false'
  ]);
  expect(broken.sent[1]?.detail).toBe('the time-stamping authority answered 503');
  answerAs = 'another';
  const { sent } = await publishHead(log.engine.reader, heads, options());
  expect(sent[1]).toMatchObject({ good: false, detail: 'the time-stamp is of other bytes' });
  expect(() => readTimeStamp(Buffer.from('no DER'), Buffer.alloc(0))).toThrow(/cannot be read/);
});

test('the watch publishes on its schedule, the command at once; both are in the own log, and verify takes what they left', async () => {
  const config = join(log.engine.dataFolder, 'vigie.yaml');
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nevidence: { heads: ${JSON.stringify(heads)} }\n`);
  await log.collector.restart();
  const command = await vigie(log, ['evidence', 'publish']);
  expect(command.out).toMatch(/good file: .*\ngood timestamp: .*\ngood mail: dpo@example.fr/);
  const good = await vigie(log, ['evidence', 'verify', '--head', file('.json')]);
  expect(good.err).toContain('tells that this head existed on');
  expect(good.code).toBe(0);
  writeFileSync(file('.tsr'), 'something else');
  expect((await vigie(log, ['evidence', 'verify', '--head', file('.json')])).code).toBe(3);
  const watch = await startProcess('console/src/watch.ts', {
    env: {
      VIGIE_CONFIG: config,
      VIGIE_DATA: log.engine.dataFolder,
      VIGIE_ENGINE_PORT: String(log.engine.port),
      VIGIE_COLLECTOR_PORT: String(log.collector.ports.http)
    }
  });
  try {
    const told = () =>
      log.engine.rows<{ n: number }>(
        `SELECT toUInt32(count()) AS n FROM audit.event WHERE lane = 'own' AND event_code = '110106' AND has(event_types, 'evidence-publish') AND outcome = 0`
      );
    // Three by the command, three by the watch at the next full minute.
    await until(told, ([row]) => (row?.n ?? 0) >= 6, 120_000);
  } finally {
    await watch.stop();
    await log.collector.stop();
  }
}, 240_000);
