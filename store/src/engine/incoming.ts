import type { IncomingMessage } from 'node:http';
import { formFields, readHead, type Body } from './body.ts';
import { EngineError } from './error.ts';
import type { EngineRequest } from './request.ts';
import { readStatement, type Statement } from './statement.ts';

/** What a request wants done: a statement, its bound parameters, and the data that follows it. */
export interface Incoming {
  readonly sql: string;
  readonly statement: Statement;
  readonly parameters: ReadonlyMap<string, string>;
  readonly data: Body | undefined;
}

/**
 * Reads the statement from URL, body or both, as ClickHouse does: URL, a line end, body. Data of an INSERT is not read.
 * @throws {EngineError} 48, 62, 307, 354
 */
export async function readIncoming(asked: EngineRequest, request: IncomingMessage): Promise<Incoming> {
  const body = await readHead(request);
  const { parameters } = asked;
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) return fromForm(asked, await formFields(type, body));
  const told = readStatement(asked.query);
  if (told.kind === 'insert' && told.dataAt >= asked.query.length)
    return { sql: asked.query, statement: told, parameters, data: body };
  const between = asked.query === '' || body.head.length === 0 ? '' : '\n';
  const joined = Buffer.concat([Buffer.from(asked.query + between), body.head]);
  const text = joined.toString('utf8');
  const statement = readStatement(text);
  if (statement.kind === 'insert' || (statement.kind === 'values' && body.rest)) {
    const head = Buffer.from(text.slice(0, statement.dataAt));
    if (!joined.subarray(0, head.length).equals(head))
      throw new EngineError(62, 'SYNTAX_ERROR', 'The statement is not UTF-8');
    const data = { head: joined.subarray(head.length), rest: body.rest };
    return { sql: head.toString(), statement, parameters, data };
  }
  if (body.rest)
    throw new EngineError(62, 'SYNTAX_ERROR', `Max query size exceeded: more than ${body.head.length} bytes`);
  return { sql: text, statement, parameters, data: undefined };
}

/** The official client sends long parameters as fields of a form. */
function fromForm(asked: EngineRequest, fields: ReadonlyMap<string, string>): Incoming {
  const parameters = new Map(asked.parameters);
  for (const [name, value] of fields)
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value);
  const sql = asked.query + (fields.get('query') ?? '');
  return { sql, statement: readStatement(sql), parameters, data: undefined };
}
