import type { TransferRecord } from '@vigie/schemas/facts/transfer';
import type { AssociationReport, Ending, ServiceReport } from '../dicom/report.ts';
import {
  proposedService,
  reasonOfAbort,
  reasonOfRejection,
  reasonOfStatus,
  verdictOf,
  type Service
} from '../dicom/vocabulary.ts';

type Outcome = Pick<TransferRecord, 'status' | 'reason' | 'status_code'>;

/**
 * One association → a record of `/v1/transfers` for each service it carried, or one for what it asked for when it carried none.
 * The empty last slice of a longer one tells how that ended, where it ended badly.
 * A figure that a hole of the capture hid is left out; a service whose outcome it hid is not told at all.
 */
export function factsOf(report: AssociationReport): TransferRecord[] {
  if (report.services.length === 0) {
    const later = report.slice > 0;
    const outcome = later ? endedBadly(report.ending) : outcomeOfEmpty(report);
    const service = (later && report.lastService) || proposedService(report.proposed);
    return outcome ? [record(report, service, outcome, report.startedAt, report.endedAt, {})] : [];
  }
  return report.services.flatMap((service) => {
    const outcome = outcomeOf(service, report);
    if (outcome === undefined) return [];
    // An association that carried one service is told from its opening to its end.
    const alone = report.services.length === 1;
    const [from, to] = alone ? [report.startedAt, report.endedAt] : [service.firstAt, service.lastAt];
    return [record(report, service.service, outcome, from, to, figuresOf(service, report))];
  });
}

function record(
  report: AssociationReport,
  service: Service,
  outcome: Outcome,
  from: number,
  to: number,
  figures: Pick<TransferRecord, 'instances' | 'failures' | 'bytes' | 'sop_class'>
): TransferRecord {
  const start = Math.round(from);
  const { client, server, slice } = report;
  return {
    id: `${start.toString(36)}-${client.port}-${server.port}-${service}-${slice}`,
    occurred_at: new Date(start).toISOString(),
    grain: 'association',
    service,
    calling_ae: report.calling || '(none)',
    called_ae: report.called || '(none)',
    peer: client.address,
    ...figures,
    duration_ms: Math.min(4_294_967_295, Math.max(0, Math.round(to - from))),
    ...outcome
  };
}

/** Objects and their bytes. An object counts when it is answered; bytes as they go by. */
function figuresOf(
  service: ServiceReport,
  { hole, ending }: AssociationReport
): Pick<TransferRecord, 'instances' | 'failures' | 'bytes' | 'sop_class'> {
  const { succeeded, warned } = service;
  // What was not answered when the association was over has failed.
  const failed =
    service.failed + (ending.kind === 'open' || ending.kind === 'hidden' ? 0 : service.unanswered);
  switch (service.service) {
    case 'C-STORE':
      return {
        instances: succeeded + warned,
        failures: failed,
        ...(!hole.calling && { bytes: service.objectBytes }),
        ...sopClass(service)
      };
    case 'C-GET':
      return {
        instances: service.returned,
        failures: service.returnedFailed,
        ...(!hole.called && { bytes: service.objectBytes }),
        ...sopClass(service)
      };
    case 'C-MOVE':
      // Its objects travel in an association of their own, which tells their bytes.
      return { instances: service.subCompleted, failures: service.subFailed };
    default:
      return { ...(service.failed > 0 && { failures: service.failed }), ...sopClass(service) };
  }
}

/** The SOP class when all that was asked or sent is of one. */
function sopClass({ sopClasses, service }: ServiceReport): { sop_class?: string } {
  const classes = [...sopClasses.keys()].filter(
    (uid) => service !== 'C-GET' || !uid.startsWith('1.2.840.10008.5.1.4.1.2.')
  );
  const [only, ...others] = classes;
  return only !== undefined && others.length === 0 ? { sop_class: only } : {};
}

/** @returns undefined when a hole hides it, or the capture ended before it */
function outcomeOf(service: ServiceReport, report: AssociationReport): Outcome | undefined {
  const { ending, hole } = report;
  const { kind } = ending;
  const ended = endedBadly(ending);
  const last = report.lastService === service.service;
  if (ended !== undefined && last) return ended;
  if (service.unanswered > 0) {
    if (hole.calling || hole.called || kind === 'hidden') return undefined;
    // What goes on is told with what was answered so far.
    if (kind !== 'open') return { status: 'failure', reason: 'no-response' };
    if (service.succeeded + service.warned + service.failed + service.returned === 0) return undefined;
  }
  return outcomeOfStatuses(service);
}

function outcomeOfStatuses({ failed, warned, subFailed, returnedFailed, statuses }: ServiceReport): Outcome {
  const most = (verdict: 'failure' | 'warning') =>
    [...statuses]
      .filter(([status]) => verdictOf(status) === verdict)
      .toSorted(([, a], [, b]) => b - a)[0]?.[0];
  if (failed > 0) {
    const status = most('failure');
    if (status === undefined) return { status: 'failure', reason: 'operation-failed' };
    return { status: 'failure', status_code: hex(status), reason: reasonOfStatus(status) };
  }
  if (warned > 0 || subFailed > 0 || returnedFailed > 0) {
    const status = most('warning');
    return { status: 'warning', ...(status !== undefined && { status_code: hex(status) }) };
  }
  return { status: 'success', status_code: '0000' };
}

const hex = (status: number) => status.toString(16).toUpperCase().padStart(4, '0');

/** Of an association that carried no command. */
function outcomeOfEmpty(report: AssociationReport): Outcome | undefined {
  const { ending, hole } = report;
  if (
    ending.kind === 'hidden' ||
    ending.kind === 'open' ||
    ending.kind === 'idle' ||
    hole.calling ||
    hole.called
  )
    return undefined;
  // Nothing could be sent: no class that was proposed is one the other side takes.
  if (report.contextsAccepted === 0 && ending.kind !== 'cut')
    return { status: 'failure', reason: 'sop-class-not-supported' };
  return endedBadly(ending) ?? { status: 'success' };
}

function endedBadly(ending: Ending): Outcome | undefined {
  switch (ending.kind) {
    case 'rejected': {
      const { result, source, reason } = ending;
      const status_code = `${result}/${source}/${reason}`;
      return { status: 'rejected', status_code, reason: reasonOfRejection(source, reason) };
    }
    case 'aborted': {
      const { by, source, reason } = ending;
      return {
        status: 'aborted',
        status_code: `${source}/${reason}`,
        reason: reasonOfAbort(by, source, reason)
      };
    }
    case 'cut':
      return { status: 'aborted', reason: 'connection-lost' };
    default:
      return undefined;
  }
}
