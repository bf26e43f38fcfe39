import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the certificate as openssl prints it. */
  readonly fingerprint: string;
  readonly serial: string;
}

/**
 * A key pair by openssl: self-signed, or signed by another.
 * @param options.days how long it is valid from now; negative for an expired one
 * @param options.names subject alternative names, as openssl spells them
 */
export function createCertificate(
  folder: string,
  name: string,
  options: {
    readonly issuer?: TestCertificate;
    readonly days?: number;
    readonly names?: string;
    readonly rsa?: boolean;
    readonly usage?: string;
  } = {}
): TestCertificate {
  const { issuer, days = 2, names = 'IP:127.0.0.1', rsa = false, usage } = options;
  const file = (ending: string) => join(folder, `${name}.${ending}`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' }).toString();
  const key = rsa ? ['-newkey', 'rsa:2048'] : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  openssl(
    'req',
    '-new',
    ...key,
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    file('key'),
    '-out',
    file('csr')
  );
  const extensions = [
    `subjectAltName=${names}`,
    ...(usage === undefined ? [] : [`extendedKeyUsage=${usage}`])
  ];
  if (issuer === undefined) extensions.push('basicConstraints=critical,CA:TRUE');
  writeFileSync(file('ext'), extensions.join('\n'));
  const signer =
    issuer === undefined
      ? ['-signkey', file('key')]
      : ['-CA', issuer.certificate, '-CAkey', issuer.key, '-CAcreateserial'];
  openssl(
    'x509',
    '-req',
    '-in',
    file('csr'),
    ...signer,
    '-days',
    String(days),
    '-extfile',
    file('ext'),
    '-out',
    file('crt')
  );
  const shown = openssl('x509', '-in', file('crt'), '-noout', '-fingerprint', '-sha256', '-serial');
  return {
    certificate: file('crt'),
    key: file('key'),
    fingerprint: /Fingerprint=(\S+)/.exec(shown)?.[1] ?? '',
    serial: /serial=(\S+)/.exec(shown)?.[1] ?? ''
  };
}
