import { createHash, type X509Certificate } from 'node:crypto';
import type { ClientCertificate, Config } from '@vigie/schemas';
import { label } from '../normalise/origin.ts';

/**
 * Why a client certificate is not accepted. `undeclared` refuses nothing: it is told once, so that someone declares it.
 * {receiver} stands for the receiver's setting; authorities and their lists stand in syslog_tls for all of them.
 */
export const certificateReasons = {
  missing: 'no certificate was shown: install one on the sender, or set {receiver}.clients to optional',
  expired: 'the certificate has expired: renew it on the sender',
  'not-yet-valid': 'the certificate is not valid yet: check the clocks of sender and collector, or its dates',
  'unknown-authority':
    'no authority of receivers.syslog_tls.client_ca signed it: add its authority to that file, or its fingerprint to client_certificates',
  'incomplete-chain':
    'its authority is not known here and the sender does not send it: add the intermediate authority to client_ca, or to what the sender sends',
  'wrong-purpose': 'the certificate is not made for clients: its extended key usage needs clientAuth',
  revoked:
    'its authority has revoked the certificate: make a new one for the sender, if it is still one of yours',
  'crl-missing':
    '{receiver} was shown a certificate of an authority that receivers.syslog_tls.client_crl, the file of all TLS receivers, has no list of: add the lists of all authorities of client_ca, roots too',
  'crl-expired':
    '{receiver} was shown a certificate whose authority’s revocation list is out of date: fetch the new one into receivers.syslog_tls.client_crl, the file of all TLS receivers; it is taken up at once',
  invalid: 'the certificate cannot be verified: make a new one',
  undeclared:
    'the certificate is good but stands in no client_certificates: its messages are told apart by what they call themselves'
} as const;
export type CertificateReason = keyof typeof certificateReasons;

/** What a TLS connection shows, and what the library made of it. */
export interface ShownCertificate {
  readonly certificate: X509Certificate | undefined;
  /** Common names of the subject. */
  readonly commonNames: readonly string[];
  /** OpenSSL's name of what is wrong with the chain; undefined when an authority of ours signed it. */
  readonly chainError: string | undefined;
  /** Whether an authority of ours signed it or what signed it, whatever else is wrong. */
  readonly ours: boolean;
}

export interface CertificatePolicy {
  readonly required: boolean;
  /** False without authorities of ours: the library would then ask those of the public web. */
  readonly authorities: boolean;
  readonly declared: readonly ClientCertificate[];
}

/** A client authority means that certificates are asked for, unless vigie.yaml makes them optional. */
export function certificatePolicy(
  config: Config,
  clients = config.receivers.syslog_tls.clients
): CertificatePolicy {
  const { client_ca: ca } = config.receivers.syslog_tls;
  const required = (clients ?? (ca === undefined ? 'optional' : 'required')) === 'required';
  return { required, authorities: ca !== undefined, declared: config.client_certificates };
}

export type CertificateVerdict =
  | {
      readonly accepted: true;
      /** System id, or '' when messages tell their own source. */
      readonly source: string;
      readonly reason: Extract<CertificateReason, 'undeclared'> | undefined;
    }
  | { readonly accepted: false; readonly reason: Exclude<CertificateReason, 'undeclared'> };

/**
 * Decides on one connection.
 *   no certificate          refused when required, else anonymous
 *   outside its dates       refused, declared or not
 *   revoked                 refused, declared or not
 *   signed by ours, but a   refused, declared or not: OpenSSL tells one error of a chain, and this one
 *   list is missing or old    may hide a revocation
 *   fingerprint declared    accepted, whoever signed it (RFC 5425 §5.1: fingerprints)
 *   signed by ours          accepted; its names may be declared, else it is told once
 *   anything else           refused, even when certificates are optional: who shows one means it
 */
export function judgeCertificate(
  shown: ShownCertificate,
  policy: CertificatePolicy,
  now: number
): CertificateVerdict {
  const { certificate, chainError } = shown;
  if (certificate === undefined)
    return policy.required
      ? { accepted: false, reason: 'missing' }
      : { accepted: true, source: '', reason: undefined };
  if (now > certificate.validToDate.getTime()) return { accepted: false, reason: 'expired' };
  if (now < certificate.validFromDate.getTime()) return { accepted: false, reason: 'not-yet-valid' };
  if (chainError === 'CERT_REVOKED') return { accepted: false, reason: 'revoked' };
  const wrong = reasonOf(chainError);
  if (shown.ours && (wrong === 'crl-missing' || wrong === 'crl-expired'))
    return { accepted: false, reason: wrong };
  const trusted = policy.authorities && chainError === undefined;
  const names = new Set([
    fingerprintName(certificate),
    ...(trusted ? namesOf(certificate, shown.commonNames) : [])
  ]);
  const declared = policy.declared.find(({ match }) => match.some((name) => names.has(name)));
  if (declared) return { accepted: true, source: declared.system ?? '', reason: undefined };
  if (trusted) return { accepted: true, source: '', reason: 'undeclared' };
  return { accepted: false, reason: wrong };
}

/** Whether one of these authorities signed the certificate, or one that the sender showed with it. */
export function signedByOneOf(
  authorities: readonly X509Certificate[],
  certificate: X509Certificate
): boolean {
  let shown: X509Certificate | undefined = certificate;
  for (let depth = 0; shown !== undefined && depth < longestChain; depth++) {
    const one: X509Certificate = shown;
    if (authorities.some((by) => one.checkIssued(by) && one.verify(by.publicKey))) return true;
    shown = one.issuerCertificate?.fingerprint256 === one.fingerprint256 ? undefined : one.issuerCertificate;
  }
  return false;
}

/** For the log: who, without anything that a message holds. */
export function describeCertificate({ certificate, commonNames }: ShownCertificate) {
  if (certificate === undefined) return {};
  const line = (text: string) =>
    text
      .split('\n')
      .map((part) =>
        part
          .split('=')
          .map((piece) => label(piece, 200))
          .join('=')
      )
      .join(', ');
  return {
    subject: line(certificate.subject ?? commonNames.join(', ')),
    issuer: line(certificate.issuer ?? ''),
    serial: certificate.serialNumber,
    not_after: certificate.validToDate.toISOString(),
    fingerprint: fingerprintName(certificate)
  };
}

const longestChain = 10;

const fingerprintName = (certificate: X509Certificate) =>
  `sha256:${createHash('sha256').update(certificate.raw).digest('hex')}`;

const kinds: Readonly<Record<string, string>> = {
  DNS: 'dns',
  'IP Address': 'ip',
  URI: 'uri',
  email: 'email'
};

/** Subject alternative names and common names, spelt as in vigie.yaml. Values with special characters come quoted. */
function namesOf(certificate: X509Certificate, commonNames: readonly string[]): string[] {
  const names = commonNames.map((name) => `cn:${name.trim().toLowerCase()}`);
  const part = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;
  for (const [, kind = '', value = ''] of (certificate.subjectAltName ?? '').matchAll(part)) {
    const known = kinds[kind];
    if (known !== undefined && !value.startsWith('"')) names.push(`${known}:${value.toLowerCase()}`);
  }
  return names;
}

function reasonOf(chainError: string | undefined): Exclude<CertificateReason, 'undeclared' | 'missing'> {
  switch (chainError) {
    case 'CERT_HAS_EXPIRED':
      return 'expired';
    case 'CERT_NOT_YET_VALID':
      return 'not-yet-valid';
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'incomplete-chain';
    case 'UNABLE_TO_GET_CRL':
    case 'UNABLE_TO_GET_CRL_ISSUER':
      return 'crl-missing';
    case 'CRL_HAS_EXPIRED':
    case 'CRL_NOT_YET_VALID':
      return 'crl-expired';
    case 'INVALID_PURPOSE':
      return 'wrong-purpose';
    case undefined:
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'CERT_UNTRUSTED':
      return 'unknown-authority';
    default:
      return 'invalid';
  }
}
