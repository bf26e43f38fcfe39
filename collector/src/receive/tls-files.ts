import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** Paths of PEM files. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Authorities that sign client certificates. */
  readonly clientCa: string | undefined;
  /** Their revocation lists (RFC 5280): PEM, one or several, or one in DER. */
  readonly clientCrl: string | undefined;
}

/** Files that fit together, ready for a server. */
export interface TlsMaterial {
  readonly context: SecureContextOptions;
  readonly subject: string;
  readonly serial: string;
  readonly notAfter: Date;
  readonly authorities: readonly X509Certificate[];
}

/** RFC 9325 §4.2 (BCP 195), and the suites of the IHE ATNA profiles: forward secrecy and AEAD only. */
const suites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256'
].join(':');

const day = 86_400_000;

/**
 * Reads the files and checks that they belong together.
 * @throws {Error} a sentence naming the file and the mend
 */
export async function readTlsMaterial(files: TlsFiles, now: number): Promise<TlsMaterial> {
  const [cert, key] = await Promise.all([
    read(files.certificate, 'correct receivers.syslog_tls.certificate in vigie.yaml'),
    read(files.key, 'correct receivers.syslog_tls.key in vigie.yaml')
  ]);
  const ca =
    files.clientCa === undefined
      ? []
      : certificatesOf(
          await read(files.clientCa, 'correct receivers.syslog_tls.client_ca in vigie.yaml'),
          files.clientCa
        );
  const crl =
    files.clientCrl === undefined
      ? undefined
      : revocationLists(
          await read(files.clientCrl, 'correct receivers.syslog_tls.client_crl in vigie.yaml'),
          files.clientCrl
        );
  const [own] = certificatesOf(cert, files.certificate);
  if (own === undefined) throw new Error(`${files.certificate} holds no certificate`);
  if (now > own.validToDate.getTime())
    throw new Error(
      `${files.certificate} expired on ${own.validToDate.toISOString().slice(0, 10)}: put a new certificate and its key in place`
    );
  const context: SecureContextOptions = {
    cert,
    key,
    ciphers: suites,
    dhparam: 'auto',
    honorCipherOrder: true,
    minVersion: 'TLSv1.2',
    ...(ca.length > 0 && { ca: ca.map((one) => one.toString()) }),
    ...(crl && { crl })
  };
  // OpenSSL itself finds no fault with a key of another kind than the certificate's.
  if (!own.checkPrivateKey(privateKey(key, files.key)))
    throw new Error(`${files.key} is not the key of ${files.certificate}: put both in place together`);
  createSecureContext(context);
  return {
    context,
    subject: own.subject.replaceAll('\n', ', '),
    serial: own.serialNumber,
    notAfter: own.validToDate,
    authorities: ca
  };
}

function privateKey(pem: Buffer, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Error(`${file} holds no private key that can be read: write it as PEM, without a passphrase`, {
      cause: error
    });
  }
}

/** Days until the certificate expires. */
export const daysLeft = (material: TlsMaterial, now: number) =>
  Math.floor((material.notAfter.getTime() - now) / day);

function certificatesOf(pem: Buffer, file: string): X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (blocks === null) throw new Error(`${file} holds no PEM certificate: write one, or a bundle of several`);
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new Error(`${file}: certificate ${index + 1} cannot be read: copy it again`, { cause: error });
    }
  });
}

/** @returns each list in PEM: a file in DER, as authorities publish them, holds one */
function revocationLists(bytes: Buffer, file: string): string[] {
  const text = bytes.toString('latin1');
  const lists = /-----BEGIN/.test(text)
    ? (text.match(/-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g) ?? [])
    : [
        `-----BEGIN X509 CRL-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END X509 CRL-----\n`
      ];
  try {
    if (lists.length === 0) throw new Error('no list');
    createSecureContext({ crl: lists });
  } catch (error) {
    throw new Error(`${file} holds no revocation list that can be read: write it as PEM, or one in DER`, {
      cause: error
    });
  }
  return lists;
}

async function read(file: string, mend: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Error(`${file} cannot be read (${reason}): ${mend}`, { cause: error });
  }
}

/** What tells that a file was replaced; links are followed, as secrets are often links that are switched. */
export async function fileMarks(files: TlsFiles): Promise<string> {
  const paths = [files.certificate, files.key, files.clientCa, files.clientCrl].filter(
    (path) => path !== undefined
  );
  const marks = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return found ? `${found.ino}:${found.size}:${found.mtimeMs}` : 'absent';
    })
  );
  return marks.join(' ');
}
