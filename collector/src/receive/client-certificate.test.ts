import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import {
  createCertificate,
  createRevocationList,
  type TestCertificate
} from '@vigie/tools/testkit/certificates';
import { afterAll, expect, test } from 'vitest';
import { createTlsGuard } from './tls-guard.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-chain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const root = createCertificate(folder, 'root');
const middle = createCertificate(folder, 'middle', { issuer: root, authority: true });
const server = createCertificate(folder, 'server', { issuer: root });
const left = createCertificate(folder, 'left', { issuer: middle });
const good = createCertificate(folder, 'good', { issuer: middle });
const stranger = createCertificate(folder, 'stranger');
const foreign = createCertificate(folder, 'foreign', { issuer: stranger });

const together = (name: string, ...files: string[]) => {
  writeFileSync(join(folder, name), files.map((file) => readFileSync(file, 'utf8')).join(''));
  return join(folder, name);
};
function list(name: string, authority: TestCertificate, revoked: TestCertificate[], hours = 24): string {
  copyFileSync(createRevocationList(folder, authority, revoked, { hours }), join(folder, name));
  return join(folder, name);
}
const ofMiddle = list('middle.crl', middle, [left]);
const ofRoot = list('root.crl', root, []);
const oldOfRoot = list('root-old.crl', root, [], -24);

/** Shows a certificate and its chain to a receiver that knows its fingerprint. @returns 'accepted' or why not */
async function shown(
  client: TestCertificate,
  chain: readonly TestCertificate[],
  lists: readonly string[],
  ca: readonly TestCertificate[] = [root]
): Promise<string> {
  const refused: string[] = [];
  const guard = await createTlsGuard(
    {
      files: {
        certificate: server.certificate,
        key: server.key,
        clientCa: together('ca.pem', ...ca.map(({ certificate }) => certificate)),
        clientCrl: together('lists.pem', ...lists)
      },
      policy: {
        required: true,
        authorities: true,
        declared: [
          { id: 'one', system: 'ris', any_system: false, match: [`sha256:${client.fingerprint.replaceAll(':', '').toLowerCase()}`] }
        ] // prettier-ignore
      }
    },
    {
      certificate: ({ reason }) => refused.push(reason),
      handshake: () => undefined,
      loaded: () => undefined,
      kept: () => undefined
    }
  );
  const listening = createServer(guard.options).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const judged = new Promise<string | undefined>((resolve) =>
    listening.on('secureConnection', (socket) => {
      resolve(guard.admit(socket));
      socket.destroy();
    })
  );
  const socket = connect({
    port: (listening.address() as AddressInfo).port,
    host: '127.0.0.1',
    cert: [client, ...chain].map(({ certificate }) => readFileSync(certificate, 'utf8')).join(''),
    key: readFileSync(client.key),
    rejectUnauthorized: false
  }).on('error', () => undefined);
  const source = await judged;
  socket.destroy();
  listening.close();
  return source === 'ris' ? 'accepted' : String(refused[0]);
}

test('a certificate declared by its fingerprint is let in while all lists of its authorities are there', async () => {
  expect(await shown(good, [middle], [ofMiddle, ofRoot])).toBe('accepted');
  expect(await shown(left, [middle], [ofMiddle, ofRoot])).toBe('revoked');
});

test('where a list of our authorities is missing or old, it is not: that may hide that it was revoked', async () => {
  for (const client of [left, good]) {
    expect(await shown(client, [middle], [ofMiddle])).toBe('crl-missing');
    expect(await shown(client, [], [ofMiddle], [root, middle])).toBe('crl-missing');
    expect(await shown(client, [middle], [ofMiddle, oldOfRoot])).toBe('crl-expired');
  }
});

test('one of an authority that is not ours has no list here, and is let in by its fingerprint all the same', async () => {
  expect(await shown(foreign, [stranger], [ofMiddle, ofRoot])).toBe('accepted');
  expect(await shown(stranger, [], [ofMiddle, ofRoot])).toBe('accepted');
});
