import { createServer, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import {
  certificateReasons,
  describeCertificate,
  judgeCertificate,
  type CertificatePolicy,
  type CertificateReason,
  type ShownCertificate
} from './client-certificate.ts';
import { classifyHandshake, handshakeReasons, type HandshakeReason } from './handshake.ts';
import { FrameBudget, readSyslogConnection, type SyslogDependencies } from './syslog-connection.ts';
import { frameBudgetBytes, listen, type Receiver } from './syslog-tcp.ts';
import { daysLeft, fileMarks, readTlsMaterial, type TlsFiles, type TlsMaterial } from './tls-files.ts';
import { followTlsFiles } from './tls-rotation.ts';

/** What the TLS receiver reports beside the others. Calls must not throw. */
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

export interface TlsDependencies extends SyslogDependencies {
  readonly observeTls: TlsObserver;
}

/**
 * Listens for syslog over TLS 1.2 and 1.3 (RFC 5425). Client certificates are judged here rather than by the library, which
 * would only show a reset connection: a refusal names why, and is counted. Connections that are open when files are
 * replaced go on; new ones meet the new files.
 * @throws {Error} when the files do not fit, or the port is in use
 */
export async function listenSyslogTls(
  address: { host: string; port: number },
  tls: { readonly files: TlsFiles; readonly policy: CertificatePolicy },
  dependencies: TlsDependencies
): Promise<Receiver> {
  const { observe, observeTls } = dependencies;
  const { files, policy } = tls;
  const budget = new FrameBudget(frameBudgetBytes);
  const marks = await fileMarks(files);
  const material = await readTlsMaterial(files, Date.now());
  observeTls.loaded(material, daysLeft(material, Date.now()));
  const asked = policy.required || policy.authorities || policy.declared.length > 0;
  const server = createServer(
    { ...material.context, requestCert: asked, rejectUnauthorized: false, handshakeTimeout: 15_000 },
    (socket: TLSSocket) => {
      const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
      const shown = shownBy(socket);
      const verdict = judgeCertificate(shown, policy, Date.now());
      if (verdict.reason !== undefined) {
        const told = { reason: verdict.reason, mend: certificateReasons[verdict.reason] };
        observeTls.certificate(told, peer, describeCertificate(shown));
      }
      if (!verdict.accepted) {
        socket.on('error', () => undefined);
        return void socket.destroy();
      }
      readSyslogConnection(socket, 'tls', budget, dependencies, verdict.source);
    }
  );
  server.maxConnections = dependencies.maxConnections;
  server.on('drop', (data) => observe.refused('tls', 'too-many-connections', data?.remoteAddress ?? ''));
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const reason = classifyHandshake(error.code);
    const told = { reason, mend: handshakeReasons[reason] };
    observeTls.handshake(told, socket.remoteAddress ?? '', error.code ?? '');
  });
  const receiver = await listen(server, address);
  const rotation = followTlsFiles(files, marks, {
    changed(renewed) {
      server.setSecureContext(renewed.context);
      observeTls.loaded(renewed, daysLeft(renewed, Date.now()));
    },
    kept: (reason) => observeTls.kept(reason)
  });
  return {
    port: receiver.port,
    close() {
      rotation.stop();
      return receiver.close();
    }
  };
}

function shownBy(socket: TLSSocket): ShownCertificate {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { certificate, commonNames: [], chainError: undefined };
  const { subject } = socket.getPeerCertificate() as Partial<DetailedPeerCertificate>;
  const error = socket.authorizationError as unknown as string | Error | null | undefined;
  return {
    certificate,
    commonNames: [subject?.CN ?? []].flat(),
    chainError: socket.authorized ? undefined : error instanceof Error ? error.message : (error ?? 'unknown')
  };
}
