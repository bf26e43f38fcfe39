import { decodeText } from '../charset.ts';
import { parseJson } from '../json/record.ts';
import { Undecodable } from '../undecodable.ts';
import { typeOf } from './check.ts';
import { RefusedResource, type FhirIssue } from './issue.ts';
import { withoutMark } from './read.ts';
import { resourceSpans, type Span } from './spans.ts';
import { namespace, walkFhirXml } from './xml.ts';

const elementLimit = 2_000_000;

/** One entry of a batch: the bytes of its resource, and what it asks for. */
export interface BatchEntry {
  /** Undefined when the entry holds no resource. */
  readonly raw: Buffer | undefined;
  /** Names and values of `request`, as text. */
  readonly request: Readonly<Record<string, string>> | undefined;
}

/** A batch of more entries than one request may hold: noticed before they are taken apart. */
export class TooManyEntries extends Error {
  readonly code = 'too-many-entries';
}

/**
 * Takes a Bundle of type batch apart.
 * @param limit entries it may hold
 * @throws {Undecodable} when it is no document
 * @throws {RefusedResource} not-an-audit-message: it is no Bundle, or of another type
 * @throws {TooManyEntries}
 */
export function readBatch(body: Buffer, syntax: 'json' | 'xml', limit: number): BatchEntry[] {
  const { text, repairs } = decodeText(body);
  if (repairs.length > 0) throw new Undecodable('not-utf8', 'FHIR must be UTF-8');
  const { resourceType, type, entries } =
    syntax === 'json' ? jsonBundle(body, text, limit) : xmlBundle(withoutMark(text), limit);
  const issue = bundleIssue(resourceType, type);
  if (issue !== undefined) throw new RefusedResource('not-an-audit-message', [issue]);
  return entries;
}

interface Bundle {
  readonly resourceType: string | null;
  readonly type: string;
  readonly entries: BatchEntry[];
}

function bundleIssue(resourceType: string | null, type: string): FhirIssue | undefined {
  if (resourceType === 'AuditEvent')
    return {
      code: 'structure',
      expression: 'AuditEvent',
      text: 'is not taken here: POST one to [base]/AuditEvent'
    };
  if (resourceType !== 'Bundle')
    return {
      code: 'structure',
      expression: '',
      text: 'the body is no Bundle: send AuditEvents in a Bundle of type batch, never in a bare list'
    };
  if (type === '')
    return { code: 'required', expression: 'Bundle.type', text: 'is missing: it must be batch' };
  if (type === 'batch') return undefined;
  const why = type === 'transaction' ? ': each event is taken by itself, and none waits for another' : '';
  return { code: 'not-supported', expression: 'Bundle.type', text: `must be batch${why}` };
}

function jsonBundle(body: Buffer, text: string, limit: number): Bundle {
  const parsed = parseJson(body);
  const resourceType = typeOf(parsed);
  if (resourceType !== 'Bundle') return { resourceType, type: '', entries: [] };
  const { type, entry } = parsed as { readonly type?: unknown; readonly entry?: unknown };
  const told: unknown[] = Array.isArray(entry) ? entry : [];
  if (told.length > limit) throw new TooManyEntries();
  const spans = told.length === 0 ? [] : resourceSpans(text);
  const raw = (span: Span | undefined) =>
    span === undefined ? undefined : Buffer.from(text.slice(span.from, span.to));
  return {
    resourceType,
    type: typeof type === 'string' ? type : '',
    entries: told.map((one, at) => ({ raw: raw(spans[at]), request: requestOf(one) }))
  };
}

function requestOf(entry: unknown): BatchEntry['request'] {
  if (typeof entry !== 'object' || entry === null || !('request' in entry)) return undefined;
  const { request } = entry;
  if (typeof request !== 'object' || request === null) return undefined;
  return Object.fromEntries(
    Object.entries(request).filter(([, value]) => typeof value === 'string')
  ) as Record<string, string>;
}

/** Of Bundle/entry/resource/AuditEvent and of Bundle/entry/request/method. */
const partDepth = 4;

function xmlBundle(text: string, limit: number): Bundle {
  const path: string[] = [];
  const entries: { raw: Buffer | undefined; request: Record<string, string> | undefined }[] = [];
  let resourceType = '';
  let type = '';
  let from = 0;
  let declared = true;
  walkFhirXml(
    text,
    {
      open(name, attributes, start) {
        path.push(name);
        const at = path.slice(1).join('/');
        if (path.length === 1) resourceType = name;
        else if (at === 'type') type = attributes['value'] ?? '';
        else if (at === 'entry') {
          if (entries.length === limit) throw new TooManyEntries();
          entries.push({ raw: undefined, request: undefined });
        } else if (path.length === partDepth && at.startsWith('entry/resource/')) {
          from = start;
          declared = Object.keys(attributes).some((attribute) => attribute.startsWith('xmlns'));
        }
        const entry = entries.at(-1);
        if (entry === undefined || !at.startsWith('entry/request')) return;
        entry.request ??= {};
        if (path.length === partDepth) entry.request[name] = attributes['value'] ?? '';
      },
      close(_, end) {
        const entry = entries.at(-1);
        if (path.length === partDepth && path[1] === 'entry' && path[2] === 'resource' && entry !== undefined)
          entry.raw = Buffer.from(declared ? text.slice(from, end) : withNamespace(text.slice(from, end)));
        path.pop();
      }
    },
    elementLimit
  );
  return { resourceType, type, entries };
}

/** An entry as a document of its own: the Bundle declared the namespace for it. */
function withNamespace(element: string): string {
  return element.replace(/^<(?:([^\s/>:]+):)?[^\s/>]+/, (tag: string, prefix?: string) =>
    prefix === undefined ? `${tag} xmlns="${namespace}"` : `${tag} xmlns:${prefix}="${namespace}"`
  );
}
