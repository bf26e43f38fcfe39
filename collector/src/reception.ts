/** One ordered log each: audit messages, everything operational, Vigie's own acts. */
export const lanes = ['audit', 'ops', 'own'] as const;
export type Lane = (typeof lanes)[number];

/** `self`: what the collector says of itself. */
export const transports = ['tcp', 'tls', 'udp', 'http', 'mllp', 'pull', 'probe', 'self'] as const;
export type Transport = (typeof transports)[number];

/**
 * How the raw bytes are to be read:
 * `syslog` a whole syslog frame (header and body, or a body alone); `audit-xml` a DICOM audit message without header;
 * `access-log` a whole syslog frame with one line of a web server's log in JSON; `hl7` one HL7 v2 message; `json-*` one
 * record of the HTTP inputs; `otlp-*` one export request of metrics; `karnak` one row of its CSV export, as JSON; `orthanc`, `prometheus`, `probe`, `census` one JSON document made by that puller; `fhir-json`,
 * `fhir-xml` one FHIR AuditEvent, `fhir-refused` a refused request of the FHIR feed; `signal` one signal of Vigie's own,
 * `own-audit` one audit message of Vigie's own acts.
 * The spool and the raw objects hold a format as its place in this list: a new one goes to the end.
 */
export const formats = [
  'syslog',
  'audit-xml',
  'hl7',
  'json-audit',
  'json-transfers',
  'json-exams',
  'json-storage',
  'json-volumes',
  'json-probes',
  'orthanc',
  'prometheus',
  'probe',
  'signal',
  'own-audit',
  'fhir-json',
  'fhir-xml',
  'fhir-refused',
  'json-usage',
  'access-log',
  'json-census',
  'census',
  'json-mpps',
  'otlp-protobuf',
  'otlp-json',
  'karnak'
] as const;
export type Format = (typeof formats)[number];

/** What a receiver knows of one message: its bytes and how they came. Nothing in it is decoded. */
export interface Reception {
  readonly raw: Buffer;
  readonly format: Format;
  readonly transport: Transport;
  /** Address of the sender (or the URL's host for a pull); never a port. */
  readonly peer: string;
  /** System id when the receiver knows it (API key, client certificate, pull, probe), else ''. */
  readonly source: string;
  /** Milliseconds since 1970, UTC. */
  readonly receivedAt: number;
  /** Lane to keep it in when it is not the format's own: Vigie's audit messages are `audit-xml` in `own`. */
  readonly lane?: Lane;
  /** Set when the frame exceeded the cap: `raw` holds its head only. */
  readonly oversize?: { readonly bytes: number; readonly sha256: string };
}

/** Lane of a format. */
export function laneOf(format: Format): Lane {
  switch (format) {
    case 'syslog':
    case 'audit-xml':
    case 'json-audit':
    case 'fhir-json':
    case 'fhir-xml':
    case 'fhir-refused':
      return 'audit';
    case 'signal':
    case 'own-audit':
      return 'own';
    case 'hl7':
    case 'json-transfers':
    case 'json-exams':
    case 'json-mpps':
    case 'json-storage':
    case 'json-volumes':
    case 'json-probes':
    case 'json-usage':
    case 'access-log':
    case 'otlp-protobuf':
    case 'otlp-json':
    case 'karnak':
    case 'json-census':
    case 'orthanc':
    case 'prometheus':
    case 'probe':
    case 'census':
      return 'ops';
    default:
      return format satisfies never;
  }
}
