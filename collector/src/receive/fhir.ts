import type { ApiKey } from '@vigie/schemas';
import { writeFhirXml, type FhirResource } from '@vigie/schemas/fhir-xml';
import { Hono, type Context } from 'hono';
import type { Format, Reception } from '../reception.ts';
import { capabilityStatement } from './fhir-capability.ts';
import { answerType, syntaxOfAnswer, syntaxOfBody, type Syntax } from './fhir-media.ts';
import { outcomeOf, takenOutcome } from './fhir-outcome.ts';
import { keepRefused, RefusedFhir, takeBatch, takeOne, type TakeDependencies } from './fhir-take.ts';
import type { HttpDependencies } from './http-dependencies.ts';
import { OversizeBody } from './http-body.ts';
import { codeOf, peerOf, type Env } from './http-context.ts';
import { RefusedError, refusals, type RefusalCode } from './http-errors.ts';
import type { Gate } from './http-gate.ts';
import { sourceFor } from './http-records.ts';
import { RecentEvents } from './recent-events.ts';

/** Headers by which a request sets a condition: events are unconditional. */
const conditional = [
  'if-none-exist',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since'
];

/** What one request came to, for its log line. */
interface Told {
  key: string;
  bytes: number;
  accepted: number;
  rejected: number;
}

/**
 * The FHIR feed (ITI-20 over REST): POST /AuditEvent and batches by POST /, below [base]; GET /metadata says so. Search and
 * read are the console's. A 201 is sent after fsync; what is refused with its content is kept in quarantine.
 */
export function createFhirApp(dependencies: HttpDependencies, gate: Gate): Hono<Env> {
  const { observe, now = Date.now } = dependencies;
  const base = dependencies.config.receivers.fhir_base?.replace(/\/+$/, '');
  const recent = new RecentEvents();
  const app = new Hono<Env>();

  const serve = async (
    context: Context<Env>,
    take: (
      request: { readonly body: Buffer; readonly syntax: Syntax; readonly parts: TakeDependencies },
      told: Told
    ) => Promise<(answer: Syntax) => Response>
  ): Promise<Response> => {
    const startedAt = now();
    const peer = peerOf(context);
    const told: Told = { key: '', bytes: 0, accepted: 0, rejected: 0 };
    const finish = (status: number, code: RefusalCode | '') =>
      observe.request({ ...told, feed: 'fhir', peer, status, code, ms: now() - startedAt });
    let syntax: Syntax = 'json';
    try {
      const { req } = context;
      syntax = syntaxOfAnswer(req.header('accept'), req.query('_format'), req.header('content-type'));
      refuseOtherMethods(context);
      const key = gate.key(req.header('authorization'), peer, startedAt);
      told.key = key.id;
      const limit = gate.admit(key, 'audit', peer, startedAt);
      const { syntax: bodySyntax, ofR4 } = syntaxOfBody(req.header('content-type'));
      const parts = { ...dependencies, recent, limit, reception: receptionsOf(key, peer, startedAt) };
      const body = await readBody(gate, context, parts, bodySyntax);
      told.bytes = body.length;
      const unconditional = conditional.every((name) => req.header(name) === undefined);
      if (!ofR4 || !unconditional) {
        await keepRefused(body, parts);
        throw new RefusedError(ofR4 ? 'fhir-conditional' : 'fhir-version');
      }
      const respond = await take({ body, syntax: bodySyntax, parts }, told);
      const response = respond(syntax);
      finish(response.status, '');
      return response;
    } catch (error) {
      const code = codeOf(error, observe);
      if (error instanceof RefusedFhir) told.rejected = 1;
      finish(refusals[code].status, code);
      const wait = error instanceof RefusedError ? error.retryAfter : undefined;
      return refuse(context, code, syntax, {
        issues: error instanceof RefusedFhir ? error.issues : [],
        wait
      });
    }
  };

  app.get('/metadata', (context) => {
    try {
      const syntax = syntaxOfAnswer(context.req.header('accept'), context.req.query('_format'), undefined);
      return resourceAnswer(context, 200, capabilityStatement(base), syntax);
    } catch (error) {
      return refuse(context, codeOf(error, observe), 'json', {});
    }
  });
  app.all('*', (context) =>
    serve(context, async ({ body, syntax, parts }, told) => {
      if (isBatch(context)) {
        const { accepted, rejected, response } = await takeBatch(body, syntax, parts);
        told.accepted = accepted;
        told.rejected = rejected;
        return (answer) => resourceAnswer(context, 200, response, answer);
      }
      const id = await takeOne(body, syntax, parts);
      told.accepted = 1;
      return (answer) => {
        context.header('location', `${base ?? basePath(context)}/AuditEvent/${id}`);
        const wanted = /return=OperationOutcome/i.test(context.req.header('prefer') ?? '');
        return wanted ? resourceAnswer(context, 201, takenOutcome(), answer) : context.body(null, 201);
      };
    })
  );
  return app;
}

/** [base] as this request has it. */
function basePath({ req }: Context<Env>): string {
  return req.path.replace(/\/AuditEvent\/?$/, '');
}

const isBatch = ({ req }: Context<Env>) => /\/fhir\/?$/.test(req.path);

/** Whatever is not a POST of the feed: reading is the console's, changing nobody's. */
function refuseOtherMethods({ req }: Context<Env>): void {
  const ofEvents = /\/AuditEvent(?:\/|$)|\/fhir\/?$/.test(req.path);
  if (req.method === 'GET' || req.method === 'HEAD' || /\/_search$/.test(req.path))
    throw new RefusedError(ofEvents ? 'fhir-read' : 'fhir-type');
  if (req.method !== 'POST') throw new RefusedError('fhir-method');
  if (!/(?:\/fhir\/?|\/AuditEvent\/?)$/.test(req.path))
    throw new RefusedError(ofEvents ? 'fhir-method' : 'fhir-type');
}

function receptionsOf(key: ApiKey, peer: string, receivedAt: number): TakeDependencies['reception'] {
  const source = sourceFor(key, 'audit', undefined);
  return (raw: Buffer, format: Format): Reception => ({
    raw,
    format,
    transport: 'http',
    peer,
    source,
    receivedAt
  });
}

/** A body beyond the cap leaves its head in quarantine. */
async function readBody(
  gate: Gate,
  context: Context<Env>,
  parts: TakeDependencies,
  syntax: Syntax
): Promise<Buffer> {
  try {
    return await gate.bodies.read(context.req.raw, parts.limit.maxMessageBytes);
  } catch (error) {
    if (error instanceof OversizeBody) {
      const { head, bytes, sha256 } = error;
      await parts.spool.append([{ ...parts.reception(head, `fhir-${syntax}`), oversize: { bytes, sha256 } }]);
    }
    throw error;
  }
}

function refuse(
  context: Context<Env>,
  code: RefusalCode,
  syntax: Syntax,
  more: { readonly issues?: RefusedFhir['issues']; readonly wait?: number | undefined }
): Response {
  const refusal = refusals[code];
  if (code === 'unauthorised') context.header('www-authenticate', 'Bearer');
  // As [base] has it where one address joins the collector and the console (docs/inputs/fhir.md).
  if (code === 'fhir-method')
    context.header('allow', /\/AuditEvent\/./.test(context.req.path) ? 'GET' : 'GET, POST');
  if ('retryAfter' in refusal)
    context.header('retry-after', String(Math.max(refusal.retryAfter, more.wait ?? 0)));
  // What is left of a body that was not read cannot be told from the next request.
  if (code === 'too-large' || code === 'busy') context.header('connection', 'close');
  return resourceAnswer(context, refusal.status, outcomeOf(code, more.issues), syntax);
}

function resourceAnswer(
  context: Context<Env>,
  status: 200 | 201 | (typeof refusals)[RefusalCode]['status'],
  resource: FhirResource,
  syntax: Syntax
): Response {
  context.header('content-type', answerType(syntax));
  return context.body(syntax === 'xml' ? writeFhirXml(resource) : JSON.stringify(resource), status);
}
