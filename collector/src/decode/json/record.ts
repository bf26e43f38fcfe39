import type { z } from 'zod';
import { decodeText } from '../charset.ts';
import { Undecodable } from '../undecodable.ts';

const depthLimit = 32;

/**
 * Parses one JSON record against its schema.
 * @throws {Undecodable} bad-json, not-utf8, missing-field, bad-value: the message names the field, never its content
 */
export function readRecord<S extends z.ZodType>(raw: Buffer, schema: S): z.infer<S> {
  const result = schema.safeParse(parseJson(raw), { reportInput: true });
  if (result.success) return result.data;
  const { field, message, missing } = firstComplaint(result.error);
  throw new Undecodable(missing ? 'missing-field' : 'bad-value', `${field} ${message}`.trim());
}

/** @throws {Undecodable} bad-json, not-utf8 */
export function parseJson(raw: Buffer): unknown {
  const { text, repairs } = decodeText(raw);
  if (repairs.length > 0) throw new Undecodable('not-utf8', 'JSON must be UTF-8 (RFC 8259)');
  if (tooDeep(text)) throw new Undecodable('too-deep', `the JSON is nested deeper than ${depthLimit}`);
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw new Undecodable('bad-json', 'the record is not valid JSON');
  }
}

/** First thing wrong with a record: the path of its field, what it must be, without the sender's data. */
function firstComplaint(error: z.ZodError): { field: string; message: string; missing: boolean } {
  const issue = error.issues[0];
  if (issue === undefined) return { field: '', message: 'is invalid', missing: false };
  const path = issue.path.map(String).join('.');
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  if (issue.code === 'unrecognized_keys')
    return {
      field: path,
      message: 'holds a field that is not known: remove it or correct its name',
      missing: false
    };
  const message = missing ? 'is missing' : saidBySchema(issue);
  return { field: path, message, missing };
}

/** Zod's own sentences quote no input but for a few; those of our schemas begin with "must". */
function saidBySchema(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('must ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}${issue.origin === 'string' ? ' characters long' : ''}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${issue.origin === 'string' ? ' characters long' : ''}`;
    default:
      return 'is invalid';
  }
}

const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

function tooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) quoted = false;
    } else if (character === 0x22) quoted = true;
    else if (character === 0x7b || character === 0x5b) {
      depth += 1;
      if (depth > depthLimit) return true;
    } else if (character === 0x7d || character === 0x5d) depth -= 1;
  }
  return false;
}
