import {
  dateRange,
  timeRange,
  type Answer,
  type CensusPull,
  type StudyQuery,
  type ToldStudy
} from './census-ask.ts';
import { exchange } from './dicom-exchange.ts';
import {
  commandSet,
  dataPdus,
  element,
  readElements,
  statusOf,
  textElement,
  unsigned,
  type DicomPeer
} from './dicom-pdu.ts';
import { PullError } from './pull.ts';

/** Study Root Query/Retrieve Information Model – FIND (PS3.4 §C.6.2). */
const studyRootFind = '1.2.840.10008.5.1.4.1.2.2.1';
/** An answer that goes on may take this many times the longest silence. */
const patience = 10;

const tag = {
  charset: 0x0008_0005,
  date: 0x0008_0020,
  time: 0x0008_0030,
  accession: 0x0008_0050,
  level: 0x0008_0052,
  modalities: 0x0008_0061,
  institution: 0x0008_0080,
  study: 0x0020_000d,
  instances: 0x0020_1208
} as const;

/**
 * One C-FIND at study level, in an association of its own.
 * @throws {PullError} rejected, refused, timeout, unreachable, not-readable: the archive and the mend
 */
export async function findStudies(pull: CensusPull, query: StudyQuery, signal: AbortSignal): Promise<Answer> {
  const { host = '', port = 0, called_ae: calledAe = '', calling_ae: callingAe } = pull;
  const timeoutMs = pull.timeout_seconds * 1000;
  const peer: DicomPeer = { host, port, calledAe, callingAe, timeoutMs, totalMs: patience * timeoutMs };
  const request = Buffer.concat([dataPdus('command', findRequest()), dataPdus('data', identifier(query))]);
  const studies: ToldStudy[] = [];
  let status: number | undefined;
  let malformed = 0;
  const end = await exchange(
    peer,
    studyRootFind,
    request,
    (command, data) => {
      status = statusOf(command);
      if (status !== 0xff00 && status !== 0xff01) return true;
      const study = data && toldStudy(data);
      if (study) studies.push(study);
      else malformed++;
      return studies.length >= pull.max_studies;
    },
    signal
  ).catch((error: unknown) => {
    throw new PullError('unreachable', `${name(pull)} cannot be reached: check host and port of the pull`, {
      cause: error
    });
  });
  if (end === 'timeout')
    throw new PullError(
      'timeout',
      `${name(pull)} was silent for ${pull.timeout_seconds} s, or answered without end`
    );
  if (end === 'rejected')
    throw new PullError(
      'rejected',
      `${name(pull)} does not let ${callingAe} in: declare this AE title there with the right to query (Study Root FIND)`
    );
  if (end === 'aborted')
    throw new PullError(
      'refused',
      `${name(pull)} cut the association: many archives do so with an AE title that they do not know; declare ${callingAe} there`
    );
  if (end === 'not-dicom' || malformed > 0)
    throw new PullError('not-readable', `${name(pull)} does not answer a C-FIND as DICOM does`);
  return { studies, gap: gapOf(status, studies.length >= pull.max_studies, pull) };
}

/**
 * Final status (PS3.4 §C.4.1.1.4): 0000 whole; FE00 (Orthanc's, beyond LimitFindResults) and A700 cut short. Others are refusals.
 */
function gapOf(status: number | undefined, full: boolean, pull: CensusPull): Answer['gap'] {
  if (full || status === 0xfe00 || status === 0xa700) return 'truncated';
  if (status === 0) return undefined;
  const code = (status ?? 0).toString(16).padStart(4, '0').toUpperCase();
  throw new PullError('refused', `${name(pull)} refused the query with status ${code}`);
}

const name = (pull: CensusPull) => `the archive ${pull.system} (${pull.called_ae ?? ''})`;

const findRequest = () =>
  commandSet(
    textElement(0x0000_0002, studyRootFind, '\0'),
    element(0x0000_0100, unsigned(0x0020)),
    element(0x0000_0110, unsigned(1)),
    element(0x0000_0700, unsigned(2)),
    element(0x0000_0800, unsigned(0x0001))
  );

/** The keys of the query, by ascending tag; empty ones are asked back. */
function identifier(query: StudyQuery): Buffer {
  const { modality, hours, study = '' } = query;
  return Buffer.concat([
    textElement(tag.date, dateRange(query)),
    textElement(tag.time, hours ? timeRange(hours) : ''),
    textElement(tag.accession, ''),
    textElement(tag.level, 'STUDY'),
    textElement(tag.modalities, modality ?? ''),
    textElement(tag.institution, ''),
    textElement(tag.study, study, '\0'),
    textElement(tag.instances, '')
  ]);
}

const utf8 = new TextDecoder('utf-8');
const latin1 = new TextDecoder('windows-1252');

function toldStudy(data: Buffer): ToldStudy | undefined {
  const elements = readElements(data);
  if (elements === null) return undefined;
  const charset = elements.get(tag.charset)?.toString('latin1') ?? '';
  const text = (one: number) => {
    const value = elements.get(one);
    if (value === undefined) return '';
    return (charset.includes('192') ? utf8 : latin1)
      .decode(value)
      .replace(/[\0 ]+$/, '')
      .trim();
  };
  const study = text(tag.study);
  if (study === '') return undefined;
  const instances = /^\d{1,9}$/.exec(text(tag.instances))?.[0];
  return {
    study,
    accession: text(tag.accession),
    institution: text(tag.institution),
    modalities: text(tag.modalities)
      .split('\\')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    instances: instances === undefined ? undefined : Number(instances)
  };
}
