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
    /** Signed by another, and may sign itself. */
    readonly authority?: boolean;
  } = {}
): TestCertificate {
  const {
    issuer,
    days = 2,
    names = 'IP:127.0.0.1',
    rsa = false,
    usage,
    authority = issuer === undefined
  } = options;
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
  if (authority) extensions.push('basicConstraints=critical,CA:TRUE');
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

/**
 * A revocation list of an authority, by `openssl ca`: the certificates named stand in it.
 * @param options.hours how long it is valid from now; negative for one that is out of date
 */
export function createRevocationList(
  folder: string,
  authority: TestCertificate,
  revoked: readonly TestCertificate[],
  options: { readonly der?: boolean; readonly hours?: number } = {}
): string {
  const { der = false, hours = 24 } = options;
  const file = (name: string) => join(folder, name);
  writeFileSync(file('ca.index'), '');
  writeFileSync(file('ca.number'), '01\n');
  writeFileSync(
    file('ca.cnf'),
    `[ca]\ndefault_ca=one\n[one]\ndatabase=${file('ca.index')}\ncrlnumber=${file('ca.number')}\ndefault_md=sha256\n`
  );
  const signer = ['-config', file('ca.cnf'), '-cert', authority.certificate, '-keyfile', authority.key];
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  for (const one of revoked) openssl('ca', ...signer, '-revoke', one.certificate);
  const stamp = (ms: number) => new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const [last, next] = [Date.now() - 48 * 3_600_000, Date.now() + hours * 3_600_000];
  openssl(
    'ca',
    ...signer,
    '-gencrl',
    '-crl_lastupdate',
    stamp(last),
    '-crl_nextupdate',
    stamp(next),
    '-out',
    file('ca.crl')
  );
  if (!der) return file('ca.crl');
  openssl('crl', '-in', file('ca.crl'), '-outform', 'DER', '-out', file('ca.crl.der'));
  return file('ca.crl.der');
}
