import { z } from 'zod';
import { Id, Port } from './primitives.ts';

const Files = {
  /** PEM bundle of the authorities that may sign the target's certificate; those of the public web unless told. */
  ca: z.string().min(1).optional(),
  /** Client certificate and key to show, PEM files. */
  certificate: z.string().min(1).optional(),
  key: z.string().min(1).optional()
};
const paired = (one: { certificate?: string | undefined; key?: string | undefined }) =>
  (one.certificate === undefined) === (one.key === undefined);

/** Where messages go on to. Each kind takes what came in its own form: nothing is translated. */
const ForwardTarget = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('syslog-tls'),
      host: z.string().min(1),
      port: Port.default(6514),
      /** Name the target's certificate must carry, when it is not the host's. */
      server_name: z.string().min(1).optional(),
      ...Files
    })
    .refine(paired, { error: 'needs both certificate and key, or neither' }),
  z
    .strictObject({
      kind: z.literal('fhir'),
      /** FHIR base: resources are posted to `<url>/AuditEvent`. */
      url: z.url({
        protocol: /^https?$/,
        error: 'must be a FHIR base such as "https://arr.example.fr/fhir"'
      }),
      /** A file that holds a bearer token; never the token itself. */
      token_file: z.string().min(1).optional(),
      ...Files
    })
    .refine(paired, { error: 'needs both certificate and key, or neither' })
]);
export type ForwardTarget = z.infer<typeof ForwardTarget>;

/** One other repository, and which messages it gets. A list left out or empty lets everything through. */
export const Forward = z.strictObject({
  id: Id,
  to: ForwardTarget,
  when: z
    .strictObject({
      /** System ids, or `unknown:<name>` as the page Sources shows undeclared ones. */
      sources: z.array(z.string().min(1)).default([]),
      /** EventID codes, such as 110103. */
      event_codes: z
        .array(z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be a code such as "110103"'))
        .default([]),
      outcomes: z.array(z.union([z.literal(0), z.literal(4), z.literal(8), z.literal(12)])).default([]),
      /** `own` is what Vigie tells of itself. */
      lanes: z
        .array(z.enum(['audit', 'own']))
        .min(1)
        .default(['audit'])
    })
    .prefault({}),
  /** Most that may wait for it, in megabytes. */
  queue_mb: z.int().min(1).max(1_000_000).default(1000),
  /** Longest a message may wait for it, in days; never longer than messages are kept. */
  queue_days: z.int().min(1).max(3650).default(30)
});
export type Forward = z.infer<typeof Forward>;
