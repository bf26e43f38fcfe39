import type { ApiKey, Feed } from '@vigie/schemas';
import { parseJson } from '../decode/json/record.ts';
import { Undecodable } from '../decode/undecodable.ts';
import type { Format } from '../reception.ts';
import { RefusedError } from './http-errors.ts';

const recordLimit = 5_000;

export type JsonFeed = Exclude<Feed, 'own' | 'metrics'>;
export const formatOfFeed: Readonly<Record<JsonFeed, Format>> = {
  audit: 'json-audit',
  transfers: 'json-transfers',
  exams: 'json-exams',
  mpps: 'json-mpps',
  storage: 'json-storage',
  volumes: 'json-volumes',
  probes: 'json-probes',
  usage: 'json-usage',
  census: 'json-census'
};

/** One record of a request: its own bytes, and the system it names. */
export interface RawRecord {
  readonly raw: Buffer;
  readonly names: string | undefined;
}

/**
 * Splits a body into records: `{"records": […]}`, or one JSON record a line.
 * @throws {RefusedError} unsupported-media-type, bad-body, nothing-to-take, too-many-records
 */
export function splitRecords(body: Buffer, mediaType: string, feed: JsonFeed): RawRecord[] {
  const records = recordsOf(body, mediaType, feed);
  if (records.length === 0) throw new RefusedError('nothing-to-take');
  return records;
}

function recordsOf(body: Buffer, mediaType: string, feed: JsonFeed): RawRecord[] {
  switch (mediaType) {
    case 'application/json': {
      const parsed = parsedOr(body);
      if (
        typeof parsed !== 'object' ||
        parsed === null ||
        !('records' in parsed) ||
        !Array.isArray(parsed.records)
      )
        throw new RefusedError('bad-body');
      if (parsed.records.length > recordLimit) throw new RefusedError('too-many-records');
      return parsed.records.map((record: unknown) => ({
        raw: Buffer.from(JSON.stringify(record)),
        names: namedBy(record, feed)
      }));
    }
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
      return lines(body).map((raw) => ({ raw, names: namedBy(parsedOrNull(raw), feed) }));
    default:
      throw new RefusedError('unsupported-media-type');
  }
}

function lines(body: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let start = 0; start < body.length;) {
    const end = body.indexOf(0x0a, start);
    const stop = end < 0 ? body.length : end;
    const line = body.subarray(start, body[stop - 1] === 0x0d ? stop - 1 : stop);
    if (line.some((byte) => byte !== 0x20 && byte !== 0x09)) found.push(line);
    if (found.length > recordLimit) throw new RefusedError('too-many-records');
    start = stop + 1;
  }
  return found;
}

function parsedOr(body: Buffer): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof Undecodable) throw new RefusedError('bad-body');
    throw error;
  }
}

function parsedOrNull(line: Buffer): unknown {
  try {
    return parseJson(line);
  } catch {
    return null;
  }
}

/** The system a record names: its observer, or its `system`. */
function namedBy(record: unknown, feed: JsonFeed): string | undefined {
  if (typeof record !== 'object' || record === null || feed === 'audit') return undefined;
  const field = (record as Record<string, unknown>)[feed === 'transfers' ? 'observer' : 'system'];
  return typeof field === 'string' ? field : undefined;
}

/**
 * The source a record is received under: the key's system; of a key for any system, the one that the record names.
 * '' leaves it to the decoder (audit messages name theirs). The judge refuses a record that names another system.
 */
export function sourceFor(key: ApiKey, feed: Feed, names: string | undefined): string {
  if (!key.any_system) return key.system ?? '';
  if (feed === 'audit') return '';
  return names ?? key.system ?? key.id;
}
