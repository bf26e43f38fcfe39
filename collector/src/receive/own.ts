import { buildAuditMessage, type AuditMessage } from '@vigie/schemas/audit-message';
import { changedParts, ConfigDigests } from '@vigie/schemas/config/digests';
import { applicationActivity, configurationChanged } from '@vigie/schemas/own-audit';
import type { Reception } from '../reception.ts';
import type { Spool } from '../spool/spool.ts';

/** What the collector says of itself, for the own lane. */
function ownReception(message: AuditMessage, at: number): Reception {
  return {
    raw: Buffer.from(buildAuditMessage(message)),
    format: 'own-audit',
    transport: 'self',
    peer: '127.0.0.1',
    source: 'vigie',
    receivedAt: at
  };
}

/**
 * Writes its start, and, in one transaction with the digests it will be compared with, whatever changed in vigie.yaml since
 * the start before.
 */
export async function tellStart(
  spool: Spool,
  collector: string,
  read: ConfigDigests,
  at: number
): Promise<void> {
  const name = `collector-${collector}`;
  const before = ConfigDigests.safeParse(spool.cursor('vigie.yaml'));
  const parts = changedParts(before.success ? before.data : undefined, read);
  const told = [
    applicationActivity('start', name, at),
    ...(parts.length > 0 ? [configurationChanged(name, at, { digest: read.file, parts })] : [])
  ];
  const cursor = { id: 'vigie.yaml', value: read };
  await spool.append(
    told.map((message) => ownReception(message, at)),
    { cursor }
  );
}

/** Writes one act of the collector's. */
export async function tellOwn(spool: Spool, message: AuditMessage, at: number): Promise<void> {
  await spool.append([ownReception(message, at)]);
}

export async function tellStop(spool: Spool, collector: string, at: number): Promise<void> {
  await tellOwn(spool, applicationActivity('stop', `collector-${collector}`, at), at);
}
