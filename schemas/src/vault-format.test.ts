import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  blockName,
  identitySealer,
  openDataKey,
  openIdentity,
  openRawObject,
  openRawRecord,
  sealRawObject,
  wrapDataKey
} from './vault-format.ts';

const vault = generateKeyPairSync('x25519');
const pem = vault.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const dataKey = randomBytes(32);
const name = blockName('c1', 'audit', 1);
const via = { format: 'syslog', transport: 'tls', peer: '10.10.0.7', source: '' };
const records = [
  { ...via, seq: 1, receivedAt: 1764000000000, raw: Buffer.from('un') },
  { ...via, seq: 2, receivedAt: 1764000000001, raw: Buffer.alloc(0), source: 'ris é' },
  {
    ...via,
    seq: 7,
    receivedAt: 1764000000002,
    raw: randomBytes(5000),
    oversize: { bytes: 2e7, sha256: 'ab'.repeat(32) }
  }
];

test('what is sealed to the public key opens with the private key alone', () => {
  expect(openDataKey(wrapDataKey(dataKey, vault.publicKey), pem)).toEqual(dataKey);
  const other = generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  expect(() => openDataKey(wrapDataKey(dataKey, vault.publicKey), other)).toThrow();
});

test('a raw object gives back every record, byte for byte', () => {
  const object = sealRawObject(records, dataKey, name);
  expect(openRawObject(object, dataKey, name)).toEqual(records);
  expect(openRawRecord(object, dataKey, name, 7)).toEqual(records[2]);
  expect(() => openRawRecord(object, dataKey, name, 3)).toThrow('no such record');
});

test('an altered raw object, or one of another block, does not open', () => {
  const object = sealRawObject(records, dataKey, name);
  expect(() => openRawObject(object, dataKey, blockName('c1', 'audit', 2))).toThrow();
  const altered = Buffer.from(object);
  altered[10] = (altered[10] ?? 0) ^ 1;
  expect(() => openRawObject(altered, dataKey, name)).toThrow();
});

test('an identity opens under its own pseudonym only', () => {
  const one = randomBytes(16);
  const seal = identitySealer(dataKey);
  expect(openIdentity(seal('{"name":"MARTIN"}', one), dataKey, one)).toBe('{"name":"MARTIN"}');
  const sealed = seal('{"name":"DUPONT"}', one);
  expect(openIdentity(sealed, dataKey, one)).toBe('{"name":"DUPONT"}');
  expect(() => openIdentity(sealed, dataKey, randomBytes(16))).toThrow();
});
