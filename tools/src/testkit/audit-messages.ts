import { createConnection } from 'node:net';
import { once } from 'node:events';
import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';

/** A syslog frame that holds one instance access; `n` is the last component of its study UID, so that each can be found. */
export function auditSyslog(
  n: number,
  options: { readonly source?: string; readonly bytes?: number; readonly at?: Date } = {}
): string {
  const { source = 'DEEPUNITY', bytes = 0, at = new Date() } = options;
  const xml = buildAuditMessage({
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    outcome: 0,
    dateTime: at.toISOString(),
    participants: [
      {
        userId: `user${n % 200}`,
        userName: `Nom ${n % 200}`,
        requestor: true,
        roles: [{ code: '121094', system: 'DCM', text: 'Reading Physician' }],
        accessPoint: `10.10.${n % 4}.${n % 250}`,
        accessPointType: 2
      },
      { userId: source, requestor: false, roles: [dcm('110150', 'Application')] }
    ],
    sourceId: source,
    objects: [
      { id: studyOf(n), idType: dcm('110180', 'Study Instance UID'), type: 2, role: 3, lifeCycle: 6 },
      {
        id: `${100_000 + (n % 5000)}^^^&1.2.250.1.999.10.1&ISO`,
        idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
        type: 1,
        role: 1,
        name: `PATIENT^NUMERO ${n % 5000}`,
        details: Array.from({ length: Math.max(0, Math.ceil((bytes - 1600) / 100)) }, (_, i) => ({
          type: `Detail${i}`,
          value: Buffer.from(`${n} ${i}`.padEnd(36, '.')).toString('base64')
        }))
      }
    ]
  });
  return `<85>1 ${at.toISOString()} pacs.ght-aube.example ${source} 1 IHE+RFC-3881 - ${xml}`;
}

export const studyOf = (n: number): string => `1.2.250.1.999.20.${n}`;

/** The frame with its octet count in front (RFC 5425). */
export function counted(frame: string): Buffer {
  const body = Buffer.from(frame);
  return Buffer.concat([Buffer.from(`${body.length} `), body]);
}

/** Sends frames over one connection, as fast as the receiver reads. Resolves once all are handed to the kernel. */
export async function sendTcp(port: number, frames: Iterable<Buffer>): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect');
  // Acknowledgements, where the protocol has them: unread, they would keep the socket from closing.
  socket.resume();
  const failed = new Promise<never>((_, reject) => socket.once('error', reject));
  failed.catch(() => undefined);
  let chunk: Buffer[] = [];
  let size = 0;
  const flush = async () => {
    const more = socket.write(Buffer.concat(chunk));
    chunk = [];
    size = 0;
    if (!more) await Promise.race([once(socket, 'drain'), failed]);
  };
  for (const frame of frames) {
    chunk.push(frame);
    size += frame.length;
    if (size > 60_000) await flush();
  }
  if (size > 0) await flush();
  socket.end();
  await Promise.race([once(socket, 'close'), failed]);
}
