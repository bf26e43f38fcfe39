import { z } from 'zod';
import { Id } from './primitives.ts';

const fingerprint = /^sha-?256:((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})$/i;
const name = /^(cn|dns|ip|uri|email):(\S.*)$/i;

/** One way to know a certificate, as one spelling: `sha256:<64 hex>`, or `cn:`, `dns:`, `ip:`, `uri:`, `email:` and a name. */
const CertificateName = z
  .string()
  .refine((text) => fingerprint.test(text) || name.test(text), {
    error:
      'must be "sha256:<fingerprint>" (openssl x509 -fingerprint -sha256), or "dns:", "ip:", "uri:", "email:", "cn:" and the name'
  })
  .transform((text) => {
    const digest = fingerprint.exec(text)?.[1];
    return digest === undefined
      ? text.trim().toLowerCase()
      : `sha256:${digest.replaceAll(':', '').toLowerCase()}`;
  });

/** A sender of syslog over TLS, known by its client certificate. */
export const ClientCertificate = z
  .strictObject({
    id: Id,
    /** The system whose messages come under this certificate, whatever they call themselves. */
    system: Id.optional(),
    /** A relay: its messages keep telling their own source. */
    any_system: z.boolean().default(false),
    match: z.array(CertificateName).min(1)
  })
  .refine((one) => (one.system === undefined) === one.any_system, {
    error: 'needs exactly one of system and any_system: true'
  });
export type ClientCertificate = z.infer<typeof ClientCertificate>;

/** What is asked of certificates: names are believed only when an authority signed them, fingerprints by themselves. */
export function complaintsOfCertificates(
  tls: {
    readonly client_ca?: string | undefined;
    readonly client_crl?: string | undefined;
    readonly clients?: 'required' | 'optional' | undefined;
  },
  certificates: readonly ClientCertificate[]
): { readonly path: (string | number)[]; readonly message: string }[] {
  if (tls.client_ca !== undefined) return [];
  const complaints: { path: (string | number)[]; message: string }[] = [];
  if (tls.client_crl !== undefined)
    complaints.push({
      path: ['receivers', 'syslog_tls', 'client_crl'],
      message: 'is of no use without client_ca: give the authorities whose lists these are'
    });
  certificates.forEach((one, i) =>
    one.match.forEach((text, j) => {
      if (!text.startsWith('sha256:'))
        complaints.push({
          path: ['client_certificates', i, 'match', j],
          message:
            'names a certificate by its subject: give receivers.syslog_tls.client_ca, since a name is believed only when that authority signed it, or use "sha256:…"'
        });
    })
  );
  if (tls.clients === 'required' && certificates.length === 0)
    complaints.push({
      path: ['receivers', 'syslog_tls', 'clients'],
      message:
        'is "required", but no certificate could be accepted: give client_ca, or client_certificates with a "sha256:…"'
    });
  return complaints;
}
