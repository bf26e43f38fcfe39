import type { TransferRecord } from '@vigie/schemas/facts/transfer';

export type Service = TransferRecord['service'];

/** Command Field → service (PS3.7 E.1). C-CANCEL ends a request and is none of its own. */
export const services: Readonly<Record<number, Service>> = {
  0x0001: 'C-STORE',
  0x0010: 'C-GET',
  0x0020: 'C-FIND',
  0x0021: 'C-MOVE',
  0x0030: 'C-ECHO',
  0x0100: 'N-EVENT-REPORT',
  0x0110: 'N-GET',
  0x0120: 'N-SET',
  0x0130: 'N-ACTION',
  0x0140: 'N-CREATE',
  0x0150: 'N-DELETE'
};

/** Query/retrieve and worklist classes by the end of their UID (PS3.4 C.6, K.6), and the others by the whole of it. */
const asked: readonly (readonly [RegExp, Service])[] = [
  [/^1\.2\.840\.10008\.5\.1\.4\.1\.2\.\d+\.3$/, 'C-GET'],
  [/^1\.2\.840\.10008\.5\.1\.4\.1\.1(\.|$)/, 'C-STORE'],
  [/^1\.2\.840\.10008\.5\.1\.4\.1\.2\.\d+\.2$/, 'C-MOVE'],
  [/^1\.2\.840\.10008\.5\.1\.4\.(1\.2\.\d+\.1|31)$/, 'C-FIND'],
  [/^1\.2\.840\.10008\.1\.20\.1/, 'N-ACTION'],
  [/^1\.2\.840\.10008\.3\.1\.2\.3\./, 'N-CREATE'],
  [/^1\.2\.840\.10008\.1\.1$/, 'C-ECHO']
];

/**
 * The service an association without a command was for, by the classes it proposed. One that proposes C-GET proposes storage for
 * what comes back, one that stores often proposes an echo: the first that fits in this order. Private classes are objects.
 */
export function proposedService(abstractSyntaxes: Iterable<string>): Service {
  const proposed = [...abstractSyntaxes];
  for (const [uid, service] of asked) if (proposed.some((one) => uid.test(one))) return service;
  return 'C-STORE';
}

export type Verdict = 'success' | 'warning' | 'failure' | 'pending';

/** Status Type by status (PS3.7 C). */
export function verdictOf(status: number): Verdict {
  if (status === 0) return 'success';
  if (status === 0xff00 || status === 0xff01) return 'pending';
  if (status === 1 || (status & 0xf000) === 0xb000 || status === 0x0107 || status === 0x0116)
    return 'warning';
  return 'failure';
}

/** Reasons of failing statuses, by their most telling part (PS3.7 C, PS3.4 B.2.3, C.4). */
const statusReasons: readonly (readonly [mask: number, value: number, reason: string])[] = [
  [0xffff, 0xa801, 'move-destination-unknown'],
  [0xffff, 0xfe00, 'cancelled'],
  [0xffff, 0x0111, 'duplicate'],
  [0xffff, 0x0112, 'no-such-instance'],
  [0xffff, 0x0117, 'invalid-instance'],
  [0xffff, 0x0118, 'sop-class-not-supported'],
  [0xffff, 0x0122, 'sop-class-not-supported'],
  [0xffff, 0x0124, 'not-authorised'],
  [0xffff, 0x0210, 'duplicate-invocation'],
  [0xffff, 0x0211, 'unrecognised-operation'],
  [0xffff, 0x0213, 'out-of-resources'],
  [0xff00, 0xa700, 'out-of-resources'],
  [0xff00, 0xa900, 'dataset-mismatch'],
  [0xf000, 0xc000, 'cannot-process'],
  [0xff00, 0x0100, 'processing-failure']
];

/** @returns a reason code, 'operation-failed' when the status tells none */
export function reasonOfStatus(status: number): string {
  return statusReasons.find(([mask, value]) => (status & mask) === value)?.[2] ?? 'operation-failed';
}

/** Source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21). */
const rejections: Readonly<Record<string, string>> = {
  '1/2': 'application-context-not-supported',
  '1/3': 'calling-ae-not-recognized',
  '1/7': 'called-ae-not-recognized',
  '2/2': 'protocol-version-not-supported',
  '3/1': 'temporary-congestion',
  '3/2': 'local-limit-exceeded'
};

/** @returns a reason code, 'no-reason-given' when there is none */
export const reasonOfRejection = (source: number, reason: number): string =>
  rejections[`${source}/${reason}`] ?? 'no-reason-given';

/** Reason of an A-ABORT of the service provider (PS3.8 9.3.8); the user's own says nothing but who. */
const aborts: Readonly<Record<number, string>> = {
  1: 'unrecognised-pdu',
  2: 'unexpected-pdu',
  4: 'unrecognised-parameter',
  5: 'unexpected-parameter',
  6: 'invalid-parameter'
};

export const reasonOfAbort = (by: 'calling' | 'called', source: number, reason: number): string =>
  (source === 2 ? aborts[reason] : undefined) ?? `aborted-by-${by}`;
