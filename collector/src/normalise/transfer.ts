import type { System } from '@vigie/schemas';
import type { TransferRecord } from '@vigie/schemas/facts/transfer';
import type { OrthancReceived, OrthancSent } from '../decode/pull/orthanc.ts';
import { isTimely, readIsoTime } from '../decode/time.ts';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { label, originAt } from './origin.ts';
import { modalityOfSopClass } from './sop-class.ts';
import { shortId, uidOf } from './told-values.ts';
import { toEpoch } from './zone.ts';

type TransferFact = Extract<Fact, { table: 'ops.transfer' }>;
type VolumeFact = Extract<Fact, { table: 'ops.study_volume' }>;

/** Systems at both ends by AE title, and whether this observer's word counts for them. */
export function ends(callingAe: string, calledAe: string, observer: string, directory: Directory) {
  const from = directory.systemByAe(callingAe);
  const to = directory.systemByAe(calledAe);
  const authority = directory.authoritativeObserver(from, to);
  return { from, to, authoritative: authority === undefined || authority === observer ? 1 : 0 };
}

/** Site of a transfer: told, else of the modality or system that sent, its network, of the one that received, of the observer. */
function siteOf(
  told: string | undefined,
  peer: string,
  from: System | undefined,
  to: System | undefined,
  source: string,
  directory: Directory
): string {
  return (
    told ??
    from?.site ??
    directory.siteByNetwork(peer)?.id ??
    to?.site ??
    directory.systemById(source)?.site ??
    ''
  );
}

/**
 * One transfer of the JSON input → row. What is not told stays NULL.
 * @param receivedAt ms since 1970
 * @throws {Undecodable} bad-value for a time at which nothing can have been moved
 */
export function normaliseTransfer(
  record: TransferRecord,
  source: string,
  directory: Directory,
  receivedAt: number
): { origin: Origin; facts: TransferFact[] } {
  const observer = record.observer ?? source;
  const startedAt = timely(Date.parse(record.occurred_at), 'occurred_at', receivedAt);
  const { calling_ae: callingAe, called_ae: calledAe, peer = '' } = record;
  const { from, to, authoritative } = ends(callingAe, calledAe, observer, directory);
  const origin = originAt(source, siteOf(record.site, peer, from, to, source, directory), directory);
  const row: TransferFact['row'] = {
    site: origin.site,
    establishment: origin.establishment,
    occurred_at: startedAt,
    observer,
    authoritative,
    grain: record.grain,
    service: record.service,
    calling_ae: callingAe,
    called_ae: calledAe,
    from_system: from?.id ?? '',
    to_system: to?.id ?? '',
    peer,
    modality: record.modality ?? from?.modality ?? modalityOfSopClass(record.sop_class ?? ''),
    sop_class: record.sop_class ?? '',
    study: record.study ?? '',
    instances: record.instances ?? null,
    failures: record.failures ?? null,
    bytes: record.bytes ?? null,
    duration_ms: record.duration_ms ?? null,
    status: record.status,
    status_code: record.status_code ?? '',
    reason: record.reason ?? ''
  };
  return { origin, facts: [{ table: 'ops.transfer', row }] };
}

/**
 * Instances found in Orthanc → one reconstructed transfer and the change of the study's volume. Orthanc tells neither
 * duration nor failures, and nothing of queries or of what leaves it: those stay NULL or absent.
 */
export function normaliseOrthanc(
  told: OrthancReceived,
  directory: Directory,
  receivedAt: number
): { origin: Origin; facts: (TransferFact | VolumeFact)[] } {
  const observer = told.system;
  const { from, to, authoritative } = ends(told.calling_ae, told.called_ae, observer, directory);
  const institution = directory.siteByAlias(told.institution)?.id;
  const site = siteOf(from?.site ?? institution, told.peer, from, to, observer, directory);
  const origin = originAt(observer, site, directory);
  const storedAt = orthancTime(told.received_at, 'received_at', directory.zoneOf(observer));
  const occurredAt = timely(storedAt, 'received_at', receivedAt);
  const modality = told.modality || from?.modality || '';
  const study = uidOf(told.study);
  const transfer: TransferFact['row'] & { peer: string } = {
    site,
    establishment: origin.establishment,
    occurred_at: occurredAt,
    observer,
    authoritative,
    grain: 'reconstructed',
    service: serviceOf(told.origin),
    calling_ae: shortId(told.calling_ae),
    called_ae: shortId(told.called_ae),
    from_system: from?.id ?? '',
    to_system: to?.id ?? observer,
    peer: label(told.peer),
    modality,
    sop_class: uidOf(told.sop_class),
    study,
    instances: told.instances,
    failures: null,
    bytes: told.bytes,
    duration_ms: null,
    status: 'success',
    status_code: '',
    reason: ''
  };
  const volume: VolumeFact['row'] = {
    site,
    establishment: origin.establishment,
    occurred_at: occurredAt,
    system: observer,
    pool: told.pool,
    tier: told.tier,
    study,
    modality,
    bytes: told.bytes,
    instances: told.instances,
    reason: 'stored'
  };
  return {
    origin,
    facts: [
      { table: 'ops.transfer', row: transfer },
      { table: 'ops.study_volume', row: volume }
    ]
  };
}

/** A job by which Orthanc sent images on → one transfer. It tells neither study nor bytes. */
export function normaliseOrthancSent(
  told: OrthancSent,
  directory: Directory,
  receivedAt: number
): { origin: Origin; facts: TransferFact[] } {
  const observer = told.system;
  const { from, to, authoritative } = ends(told.calling_ae, told.called_ae, observer, directory);
  const site = siteOf(undefined, '', from, to, observer, directory);
  const startedAt = orthancTime(told.started_at, 'started_at', directory.zoneOf(observer));
  const origin = originAt(observer, site, directory);
  const row: TransferFact['row'] = {
    site,
    establishment: origin.establishment,
    occurred_at: timely(startedAt, 'started_at', receivedAt),
    observer,
    authoritative,
    grain: 'reconstructed',
    service: 'C-STORE',
    calling_ae: shortId(told.calling_ae),
    called_ae: shortId(told.called_ae),
    from_system: from?.id ?? observer,
    to_system: to?.id ?? '',
    peer: '',
    modality: '',
    sop_class: '',
    study: '',
    instances: told.instances,
    failures: told.failures,
    bytes: null,
    duration_ms: told.duration_ms,
    status: told.outcome,
    status_code: '',
    reason: told.outcome === 'failure' ? `orthanc-${told.error_code}` : ''
  };
  return { origin, facts: [{ table: 'ops.transfer', row }] };
}

/** DICOMweb comes to Orthanc through a plugin; its own REST interface is neither DIMSE nor DICOMweb. */
function serviceOf(origin: string): string {
  if (origin === 'DicomProtocol') return 'C-STORE';
  return origin === 'Plugins' ? 'STOW' : 'REST';
}

/** @throws {Undecodable} bad-value */
function timely(at: number, field: string, receivedAt: number): number {
  if (isTimely(at, receivedAt)) return at;
  throw new Undecodable(
    'bad-value',
    `${field} lies before 1990 or more than a year ahead: set the clock of the sender`
  );
}

function orthancTime(text: string, field: string, zone: string): number {
  const time = readIsoTime(
    text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})$/, '$1-$2-$3T$4:$5:$6')
  );
  if (time === null) throw new Undecodable('bad-value', `${field} is not a time of Orthanc`);
  return toEpoch(time, zone);
}
