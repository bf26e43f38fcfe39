import { z } from 'zod';
import { AeTitle, Id, Port, Rate } from './primitives.ts';

const HttpUrl = z.url({
  protocol: /^https?$/,
  error: 'must be an address such as "http://orthanc.local:8042"'
});
/** `host` is the address it listens on, where that is not the one of all receivers. */
const Receiver = z.strictObject({ port: Port, host: z.string().min(1).optional() });
/** The same input over TLS, with the certificate and authorities of `syslog_tls`. */
const TlsReceiver = z.strictObject({
  port: Port,
  host: z.string().min(1).optional(),
  clients: z.enum(['required', 'optional']).optional()
});

/** Addresses and limits of the receivers. Flags and VIGIE_* variables override the ports. */
export const Receivers = z
  .strictObject({
    http: Receiver.default({ port: 8480 }),
    http_tls: TlsReceiver.optional(),
    syslog: Receiver.default({ port: 5514 }),
    syslog_tls: z
      .strictObject({
        port: Port,
        certificate: z.string().min(1).optional(),
        key: z.string().min(1).optional(),
        /** PEM bundle of the authorities that sign client certificates. */
        client_ca: z.string().min(1).optional(),
        /** Revocation lists of all those authorities, in PEM, or one in DER. */
        client_crl: z.string().min(1).optional(),
        /** Whether a sender must show a certificate; required when `client_ca` is given, unless told. */
        clients: z.enum(['required', 'optional']).optional()
      })
      .default({ port: 6514 }),
    mllp: Receiver.default({ port: 2575 }),
    mllp_tls: TlsReceiver.optional(),
    /** Public address of [base] of the FHIR feed, search and read, for the Location of events. */
    fhir_base: HttpUrl.optional(),
    max_message_bytes: z.int().min(1024).max(64_000_000).default(16_000_000),
    /** Messages a second of one sender that no system's own limit covers; no limit unless told. */
    max_messages_per_second: Rate.optional(),
    max_connections: z.int().min(1).max(100_000).default(4096)
  })
  .prefault({});
export type Receivers = z.infer<typeof Receivers>;

export const Feed = z.enum([
  'audit',
  'transfers',
  'exams',
  'mpps',
  'storage',
  'volumes',
  'probes',
  'usage',
  'census',
  'metrics',
  'own'
]);
export type Feed = z.infer<typeof Feed>;

/** A sender of the HTTP inputs. The key itself is never written here: only its SHA-256. */
export const ApiKey = z
  .strictObject({
    id: Id,
    /** The system the key speaks for; records may name others only when `any_system` is true. */
    system: Id.optional(),
    any_system: z.boolean().default(false),
    key_sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the key in hexadecimal: printf %s "$KEY" | sha256sum')
      .optional(),
    /** A file below the data folder that holds the key, for keys made at first start. */
    key_file: z.string().min(1).optional(),
    feeds: z.array(Feed).min(1)
  })
  .refine((key) => (key.key_sha256 === undefined) !== (key.key_file === undefined), {
    error: 'needs exactly one of key_sha256 and key_file'
  });
export type ApiKey = z.infer<typeof ApiKey>;

const Login = {
  username: z.string().optional(),
  /** A file that holds the password; never the password itself. */
  password_file: z.string().optional()
};

/** Censuses of an archive, by QIDO-RS or C-FIND at study level, day by day. */
const Census = z
  .strictObject({
    kind: z.literal('census'),
    id: Id,
    system: Id,
    protocol: z.enum(['qido', 'c-find']),
    /** QIDO-RS: the root of DICOMweb, such as "http://vna.local:8042/dicom-web". */
    url: HttpUrl.optional(),
    ...Login,
    /** C-FIND: where, and under which titles. */
    host: z.string().min(1).optional(),
    port: Port.optional(),
    called_ae: AeTitle.optional(),
    calling_ae: AeTitle.default('VIGIE'),
    /** Study dates looked back on, today included. */
    days: z.int().min(1).max(400).default(30),
    every_seconds: z.int().min(10).max(86_400).default(900),
    timeout_seconds: z.int().min(1).max(600).default(60),
    max_queries_per_minute: z.int().min(1).max(600).default(20),
    /** Most studies of one answer; a day that has more is asked by modality. */
    max_studies: z.int().min(10).max(20_000).default(5_000),
    /** Sites told by how accession numbers begin, where the archive does not tell the institution. */
    sites_by_accession: z.array(z.strictObject({ prefix: z.string().min(1).max(16), site: Id })).default([])
  })
  .superRefine((pull, context) => {
    const needed = pull.protocol === 'qido' ? (['url'] as const) : (['host', 'port', 'called_ae'] as const);
    for (const field of needed)
      if (pull[field] === undefined)
        context.addIssue({
          code: 'custom',
          path: [field],
          message: `is missing: a census by ${pull.protocol} needs it`
        });
  });

const Interval = z.int().min(1).max(86_400);

/** Sources that Vigie asks, rather than being told. */
export const Pull = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('orthanc'),
    id: Id,
    system: Id,
    url: HttpUrl,
    ...Login,
    every_seconds: Interval.default(15),
    pool: z.string().min(1).default('default'),
    tier: z.enum(['online', 'nearline', 'archive']).default('online')
  }),
  z.strictObject({
    kind: z.literal('prometheus'),
    id: Id,
    system: Id,
    url: HttpUrl,
    every_seconds: Interval.default(60),
    /** Filesystems to keep as storage pools: mount point → pool. */
    filesystems: z
      .array(
        z.strictObject({
          mountpoint: z.string().min(1),
          pool: z.string().min(1),
          tier: z.enum(['online', 'nearline', 'archive']),
          /** Other labels it must have: which machine's it is, where a page tells those of several. */
          when: z.record(z.string().min(1), z.string()).optional()
        })
      )
      .default([]),
    /** Apply the rules of `metrics` that speak for this system to what is scraped. */
    metrics: z.boolean().optional()
  }),
  Census
]);
export type Pull = z.infer<typeof Pull>;

/** Synthetic checks of a system. */
export const Probe = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('c-echo'),
    id: Id,
    system: Id,
    host: z.string().min(1),
    port: Port,
    called_ae: AeTitle,
    calling_ae: AeTitle.default('VIGIE'),
    every_seconds: Interval.default(60),
    timeout_seconds: z.int().min(1).max(60).default(10)
  }),
  z.strictObject({
    kind: z.literal('http'),
    id: Id,
    system: Id,
    url: HttpUrl,
    expect_status: z.int().min(100).max(599).default(200),
    every_seconds: Interval.default(60),
    timeout_seconds: z.int().min(1).max(60).default(10)
  })
]);
export type Probe = z.infer<typeof Probe>;
