import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createCertificate } from './certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-certificate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the certificate of a first start is its own authority, names this machine, and is made once', () => {
  createCertificate(folder, new Date('2026-11-24T08:00:00Z'));
  const pem = readFileSync(join(folder, 'tls.crt'), 'utf8');
  const certificate = new X509Certificate(pem);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkIssued(certificate)).toBe(true);
  expect(certificate.ca).toBe(true);
  expect(certificate.subject).toBe('CN=vigie');
  expect([certificate.checkHost('localhost'), certificate.checkHost(hostname())]).toEqual([
    'localhost',
    hostname()
  ]);
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.validToDate.toISOString()).toBe('2036-11-24T08:00:00.000Z');
  expect(statSync(join(folder, 'tls.key')).mode & 0o777).toBe(0o600);
  createCertificate(folder);
  expect(readFileSync(join(folder, 'tls.crt'), 'utf8')).toBe(pem);
});
