import type { SensorCounts } from './counts.ts';
import type { AssociationReport } from './dicom/report.ts';
import { Sensor } from './sensor.ts';
import type { ConnectionLimits } from './tcp/connections.ts';

/** Reads a capture given in pieces, to its end. */
export function readCapture(
  pieces: Iterable<Buffer>,
  limits: Partial<ConnectionLimits> = {}
): { readonly reports: AssociationReport[]; readonly counts: SensorCounts; readonly unread: number } {
  const reports: AssociationReport[] = [];
  const sensor = new Sensor(
    { ports: new Set([104]), mostConnections: 1000, idleMs: 3_600_000, sliceMs: 900_000, ...limits },
    (report) => reports.push(report)
  );
  for (const piece of pieces) sensor.push(piece);
  return { reports, unread: sensor.end(), counts: sensor.counts };
}
