import type { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, Server, TlsOptions, TLSSocket } from 'node:tls';
import {
  certificateReasons,
  describeCertificate,
  judgeCertificate,
  signedByOneOf,
  type CertificatePolicy,
  type CertificateReason,
  type ShownCertificate
} from './client-certificate.ts';
import { classifyHandshake, handshakeReasons, type HandshakeReason } from './handshake.ts';
import { daysLeft, fileMarks, readTlsMaterial, type TlsFiles, type TlsMaterial } from './tls-files.ts';
import { followTlsFiles, type TlsRotation } from './tls-rotation.ts';

/** What a TLS receiver reports beside the others. Calls must not throw. */
export interface TlsObserver {
  certificate(
    told: { readonly reason: CertificateReason; readonly mend: string },
    peer: string,
    certificate: ReturnType<typeof describeCertificate>
  ): void;
  handshake(
    told: { readonly reason: HandshakeReason; readonly mend: string },
    peer: string,
    code: string
  ): void;
  /** The server's own files, at the start and whenever they were replaced. */
  loaded(material: TlsMaterial, daysLeft: number): void;
  /** New files that do not fit: the old ones stay in use. */
  kept(reason: string): void;
}

/** How one receiver speaks TLS. */
export interface TlsSettings {
  readonly files: TlsFiles;
  readonly policy: CertificatePolicy;
}

/** TLS of one receiver: options of its server, the judgement of its connections, and the replacement of its files. */
export interface TlsGuard {
  readonly options: TlsOptions;
  /**
   * Judges a connection by its certificate; one that is refused is destroyed.
   * @returns system id that the certificate speaks for ('' when messages tell their own), undefined when refused
   */
  admit(socket: TLSSocket): string | undefined;
  /** From now on handshakes that fail are told, and new files are taken up: connections that are open go on. */
  follow(server: Server): TlsRotation;
}

/**
 * TLS 1.2 and 1.3 (RFC 9325). Client certificates are judged here rather than by the library, which would only show a reset
 * connection: a refusal names why, and is counted.
 * @throws {Error} when the files do not fit
 */
export async function createTlsGuard(
  { files, policy }: TlsSettings,
  observe: TlsObserver
): Promise<TlsGuard> {
  const marks = await fileMarks(files);
  const material = await readTlsMaterial(files, Date.now());
  let { authorities } = material;
  observe.loaded(material, daysLeft(material, Date.now()));
  const asked = policy.required || policy.authorities || policy.declared.length > 0;
  return {
    options: {
      ...material.context,
      requestCert: asked,
      rejectUnauthorized: false,
      handshakeTimeout: 15_000
    },
    admit(socket) {
      const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
      const shown = shownBy(socket, authorities);
      const verdict = judgeCertificate(shown, policy, Date.now());
      if (verdict.reason !== undefined) {
        const told = { reason: verdict.reason, mend: certificateReasons[verdict.reason] };
        observe.certificate(told, peer, describeCertificate(shown));
      }
      if (verdict.accepted) return verdict.source;
      socket.on('error', () => undefined);
      socket.destroy();
      return undefined;
    },
    follow(server) {
      server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
        const reason = classifyHandshake(error.code);
        const told = { reason, mend: handshakeReasons[reason] };
        observe.handshake(told, socket.remoteAddress ?? '', error.code ?? '');
      });
      return followTlsFiles(files, marks, {
        changed(renewed) {
          server.setSecureContext(renewed.context);
          ({ authorities } = renewed);
          observe.loaded(renewed, daysLeft(renewed, Date.now()));
        },
        kept: (reason) => observe.kept(reason)
      });
    }
  };
}

function shownBy(socket: TLSSocket, authorities: readonly X509Certificate[]): ShownCertificate {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { certificate, commonNames: [], chainError: undefined, ours: false };
  const { subject } = socket.getPeerCertificate() as Partial<DetailedPeerCertificate>;
  const error = socket.authorizationError as unknown as string | Error | null | undefined;
  return {
    certificate,
    commonNames: [subject?.CN ?? []].flat(),
    chainError: socket.authorized ? undefined : error instanceof Error ? error.message : (error ?? 'unknown'),
    ours: (socket.authorized && authorities.length > 0) || signedByOneOf(authorities, certificate)
  };
}
