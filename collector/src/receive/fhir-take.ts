import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { FhirResource } from '@vigie/schemas/fhir-xml';
import { readBatch, TooManyEntries, type BatchEntry } from '../decode/fhir/bundle.ts';
import { RefusedResource, type FhirIssue } from '../decode/fhir/issue.ts';
import { readAuditEvent } from '../decode/fhir/read.ts';
import { Undecodable } from '../decode/undecodable.ts';
import { judge } from '../judge.ts';
import type { Directory } from '../normalise/directory.ts';
import type { Format, Reception } from '../reception.ts';
import type { Place, Spool } from '../spool/spool.ts';
import type { QuarantineReason, Verdict } from '../verdict.ts';
import type { Syntax } from './fhir-media.ts';
import { outcomeOf } from './fhir-outcome.ts';
import { RefusedError } from './http-errors.ts';
import type { RecentEvents } from './recent-events.ts';
import type { SourceLimit } from './source-limits.ts';

const entryLimit = 5_000;
/** Entries judged before others have their turn. */
const entriesAtOnce = 250;
/** What is wrong with these is the document, not the event in it. */
const documentReasons: ReadonlySet<QuarantineReason> = new Set([
  'bad-json',
  'not-utf8',
  'not-well-formed',
  'doctype-refused',
  'too-deep',
  'no-xml',
  'not-an-audit-message'
]);

/** A request that is refused with all that is wrong with it, and kept in quarantine. */
export class RefusedFhir extends RefusedError {
  readonly issues: readonly FhirIssue[];
  constructor(code: 'fhir-body' | 'fhir-resource', issues: readonly FhirIssue[]) {
    super(code);
    this.issues = issues;
  }
}

export interface TakeDependencies {
  readonly directory: Directory;
  readonly spool: Pick<Spool, 'append'>;
  readonly collector: string;
  readonly recent: RecentEvents;
  /** What this sender may send: what is taken is charged to it. */
  readonly limit: SourceLimit;
  /** A reception of this request. */
  reception(raw: Buffer, format: Format): Reception;
}

/**
 * Keeps one AuditEvent.
 * @returns its id, or that of the first one when it repeats one taken lately
 * @throws {RefusedFhir} fhir-body, fhir-resource: kept in quarantine
 */
export async function takeOne(body: Buffer, syntax: Syntax, parts: TakeDependencies): Promise<string> {
  const reception = parts.reception(body, `fhir-${syntax}`);
  const verdict = judge(reception, parts.directory);
  const [place] = await parts.spool.append([reception]);
  parts.limit.charge(1, reception.receivedAt);
  if (verdict.kind === 'facts')
    return parts.recent.first(digestOf(verdict), idOf(place, parts), reception.receivedAt);
  const { code, issues } = complaintOf(verdict, body, syntax);
  throw new RefusedFhir(code, issues);
}

/** Keeps a body whole that was refused for what its request asked. */
export async function keepRefused(body: Buffer, parts: TakeDependencies): Promise<void> {
  if (body.length === 0) return;
  const reception = parts.reception(body, 'fhir-refused');
  await parts.spool.append([reception]);
  parts.limit.charge(1, reception.receivedAt);
}

export interface BatchAnswer {
  readonly accepted: number;
  readonly rejected: number;
  readonly response: FhirResource;
}

/**
 * Keeps a batch, entry by entry: one that is refused holds up no other.
 * @throws {RefusedFhir} fhir-body: it is no batch, and is kept whole in quarantine
 * @throws {RefusedError} too-many-records
 */
export async function takeBatch(body: Buffer, syntax: Syntax, parts: TakeDependencies): Promise<BatchAnswer> {
  const entries = await batchOf(body, syntax, parts);
  const receptions: Reception[] = [];
  const judged: (Refused | Taken)[] = [];
  for (const entry of entries) {
    judged.push(judgeEntry(entry, syntax, parts, receptions));
    // Other senders are listened to meanwhile.
    if (judged.length % entriesAtOnce === 0) await setImmediate();
  }
  const places = receptions.length === 0 ? [] : await parts.spool.append(receptions);
  const at = receptions[0]?.receivedAt ?? 0;
  parts.limit.charge(receptions.length, at);
  const lastModified = new Date(at).toISOString();
  let accepted = 0;
  const answers = judged.map((one) => {
    if ('issues' in one)
      return { response: { status: one.status, outcome: outcomeOf(one.code, one.issues) } };
    accepted += 1;
    const id = parts.recent.first(one.digest, idOf(places[one.position], parts), at);
    return { response: { status: '201 Created', location: `AuditEvent/${id}`, lastModified } };
  });
  const response = {
    resourceType: 'Bundle',
    type: 'batch-response',
    ...(answers.length > 0 && { entry: answers })
  };
  return { accepted, rejected: entries.length - accepted, response };
}

interface Refused {
  readonly status: string;
  readonly code: 'fhir-body' | 'fhir-resource';
  readonly issues: readonly FhirIssue[];
}
interface Taken {
  /** Among the receptions of the batch. */
  readonly position: number;
  readonly digest: string;
}

/** What becomes of one entry; what there is to keep of it joins the receptions. */
function judgeEntry(
  { raw, request }: BatchEntry,
  syntax: Syntax,
  parts: TakeDependencies,
  receptions: Reception[]
): Refused | Taken {
  const unprocessable = { status: '422 Unprocessable Entity', code: 'fhir-resource' } as const;
  if (raw === undefined) return { ...unprocessable, issues: [missingResource] };
  const issue = requestIssue(request);
  const reception = parts.reception(raw, issue === undefined ? `fhir-${syntax}` : 'fhir-refused');
  const position = receptions.push(reception) - 1;
  if (issue !== undefined) return { ...unprocessable, issues: [issue] };
  const verdict = judge(reception, parts.directory);
  if (verdict.kind === 'facts') return { position, digest: digestOf(verdict) };
  const { code, issues } = complaintOf(verdict, raw, syntax);
  return code === 'fhir-body' ? { status: '400 Bad Request', code, issues } : { ...unprocessable, issues };
}

async function batchOf(body: Buffer, syntax: Syntax, parts: TakeDependencies): Promise<BatchEntry[]> {
  try {
    return readBatch(body, syntax, entryLimit);
  } catch (error) {
    if (!(error instanceof Undecodable) && !(error instanceof TooManyEntries)) throw error;
    await keepRefused(body, parts);
    if (error instanceof TooManyEntries) throw new RefusedError('too-many-records');
    throw new RefusedFhir('fhir-body', issuesOf(error));
  }
}

const missingResource: FhirIssue = {
  code: 'required',
  expression: 'Bundle.entry.resource',
  text: 'is missing: each entry of a batch holds one AuditEvent'
};
const conditions = ['ifNoneExist', 'ifMatch', 'ifNoneMatch', 'ifModifiedSince'];

/** What an entry asks for that the feed does not do. */
function requestIssue(request: BatchEntry['request']): FhirIssue | undefined {
  const at = 'Bundle.entry.request';
  if (request === undefined)
    return { code: 'required', expression: at, text: 'is missing: it must be POST of AuditEvent' };
  if (request['method'] !== 'POST')
    return {
      code: 'not-supported',
      expression: `${at}.method`,
      text: 'must be POST: events are never changed nor removed'
    };
  if (!/^(?:https?:\/\/[^?#]{1,500}\/)?\/?AuditEvent\/?$/.test(request['url'] ?? ''))
    return {
      code: 'not-supported',
      expression: `${at}.url`,
      text: 'must be AuditEvent: the server chooses the id'
    };
  const condition = conditions.find((name) => request[name] !== undefined);
  if (condition === undefined) return undefined;
  return {
    code: 'not-supported',
    expression: `${at}.${condition}`,
    text: 'is a condition: leave it out, repeated events are found by their content and stored once'
  };
}

type Facts = Extract<Verdict, { kind: 'facts' }>;

const digestOf = ({ canonical }: Facts): string => hash('sha256', canonical, 'base64');

const idOf = (place: Place | undefined, { collector }: TakeDependencies): string =>
  `${collector}-${place?.lane ?? ''}-${place?.seq ?? 0}-0`;

function complaintOf(
  { reason, detail }: Extract<Verdict, { kind: 'quarantine' }>,
  raw: Buffer,
  syntax: Syntax
): { readonly code: 'fhir-body' | 'fhir-resource'; readonly issues: readonly FhirIssue[] } {
  const code = documentReasons.has(reason) ? 'fhir-body' : 'fhir-resource';
  try {
    readAuditEvent(raw, syntax);
  } catch (error) {
    if (error instanceof Undecodable) return { code, issues: issuesOf(error) };
    throw error;
  }
  // The resource is one of R4; what could not be made of it is told by the verdict alone.
  return { code, issues: [{ code: 'value', expression: 'AuditEvent', text: `cannot be taken: ${detail}` }] };
}

function issuesOf(error: Undecodable): readonly FhirIssue[] {
  if (error instanceof RefusedResource) return error.issues;
  return [{ code: 'structure', expression: '', text: error.message }];
}
