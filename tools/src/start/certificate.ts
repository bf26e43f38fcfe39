import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject
} from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/*
 * A self-signed certificate for the syslog TLS receiver of a first start. Node makes keys and signatures but no certificates,
 * so the few DER structures of X.509 v3 (RFC 5280 §4.1) are written here. ECDSA P-256, which every TLS library takes.
 */
const der = (tag: number, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  const length =
    body.length < 128
      ? Buffer.of(body.length)
      : body.length < 256
        ? Buffer.of(0x81, body.length)
        : Buffer.of(0x82, body.length >> 8, body.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, body]);
};
const sequence = (...content: Buffer[]) => der(0x30, ...content);
const oid = (...bytes: number[]) => der(0x06, Buffer.from(bytes));
const utf8 = (text: string) => der(0x0c, Buffer.from(text));
const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const time = (at: Date) =>
  der(0x18, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));
const name = (commonName: string) => sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), utf8(commonName))));

/** A certificate for `names`, valid ten years. @returns PEM */
export function selfSigned(key: KeyObject, commonName: string, names: readonly string[], now: Date): string {
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f || 1;
  const alternatives = sequence(
    ...names.map((one) => der(0x82, Buffer.from(one))),
    der(0x87, Buffer.of(127, 0, 0, 1))
  );
  const extensions = sequence(
    sequence(
      oid(0x55, 0x1d, 0x13),
      der(0x01, Buffer.of(0xff)),
      der(0x04, sequence(der(0x01, Buffer.of(0xff))))
    ),
    sequence(oid(0x55, 0x1d, 0x11), der(0x04, alternatives))
  );
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + 10);
  const content = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, serial),
    ecdsaWithSha256,
    name(commonName),
    sequence(time(new Date(now.getTime() - 3_600_000)), time(until)),
    name(commonName),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions)
  );
  const signature = sign('sha256', content, key);
  const certificate = sequence(content, ecdsaWithSha256, der(0x03, Buffer.of(0), signature));
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}

/** Makes tls.crt and tls.key in the keys folder, once. */
export function createCertificate(keysFolder: string, now = new Date()): void {
  if (existsSync(join(keysFolder, 'tls.crt'))) return;
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem'
  }) as string;
  writeFileSync(join(keysFolder, 'tls.key'), pem, { mode: 0o600 });
  const names = [...new Set(['localhost', hostname()])];
  writeFileSync(join(keysFolder, 'tls.crt'), selfSigned(createPrivateKey(pem), 'vigie', names, now), {
    mode: 0o600
  });
}
