import type { ApiKey } from '@vigie/schemas';
import { Feed } from '@vigie/schemas/config/inputs';
import { Hono, type Context } from 'hono';
import { judge } from '../judge.ts';
import type { Format, Reception } from '../reception.ts';
import type { Place } from '../spool/spool.ts';
import type { Verdict } from '../verdict.ts';
import { createFhirApp } from './fhir.ts';
import { createKarnakApp } from './karnak.ts';
import { createOtlpApp } from './otlp.ts';
import { OversizeBody, type BodyReader } from './http-body.ts';
import { RefusedError, refusals } from './http-errors.ts';
import { codeOf, peerOf, type Env } from './http-context.ts';
import type { HttpDependencies, HttpOutcome } from './http-dependencies.ts';
import { Gate } from './http-gate.ts';
import { refuse } from './http-refuse.ts';
import { formatOfFeed, sourceFor, splitRecords, type RawRecord } from './http-records.ts';
import type { SourceLimit } from './source-limits.ts';

interface Request {
  readonly key: ApiKey;
  readonly feed: Exclude<Feed, 'metrics'>;
  readonly peer: string;
  readonly receivedAt: number;
  readonly mediaType: string;
  readonly limit: SourceLimit;
}

interface Answer {
  readonly accepted: number;
  readonly rejected: { index: number; field: string; message: string; id: string }[];
  readonly ids: string[];
}

/**
 * The HTTP inputs: POST /v1/{audit,transfers,exams,mpps,storage,volumes,probes,usage,census} and /v1/own, and the FHIR feed; one API key a
 * sender.
 * A 200 is sent after fsync, with a verdict for each record; a record that is refused is kept too, in quarantine.
 * @throws {Error} when an API key of the configuration cannot be used
 */
export function createHttpApp(dependencies: HttpDependencies): Hono<Env> {
  const { observe, now = Date.now } = dependencies;
  const gate = new Gate(dependencies);
  const app = new Hono<Env>();
  app.route('/fhir', createFhirApp(dependencies, gate));
  app.route('/v1/metrics', createOtlpApp(dependencies, gate));
  app.route('/v1/transfers/karnak', createKarnakApp(dependencies, gate));

  app.all('/v1/:feed', async (context) => {
    const startedAt = now();
    const feed = context.req.param('feed');
    const peer = peerOf(context);
    let key: ApiKey | undefined;
    let bytes = 0;
    const told = (status: number, code: HttpOutcome['code'], answer?: Answer) =>
      observe.request({
        key: key?.id ?? '',
        feed: Feed.safeParse(feed).success ? feed : 'unknown',
        peer,
        status,
        code,
        accepted: answer?.accepted ?? 0,
        rejected: answer?.rejected.length ?? 0,
        bytes,
        ms: now() - startedAt
      });
    try {
      const known = Feed.safeParse(feed);
      if (!known.success || known.data === 'metrics') throw new RefusedError('not-found');
      if (context.req.method !== 'POST') throw new RefusedError('method-not-allowed');
      key = gate.key(context.req.header('authorization'), peer, startedAt);
      const limit = gate.admit(key, known.data, peer, startedAt);
      const mediaType = (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      const request = { key, feed: known.data, peer, receivedAt: startedAt, mediaType, limit };
      const body = await readBody(gate.bodies, context, request, dependencies);
      bytes = body.length;
      const answer = await take(body, request, dependencies);
      if (answer.accepted === 0) {
        told(422, 'bad-record', answer);
        const { message, mend } = refusals['bad-record'];
        return context.json({ code: 'bad-record', message, mend, ...answer }, 422);
      }
      told(200, '', answer);
      return context.json(known.data === 'own' ? { id: answer.ids[0] } : answer);
    } catch (error) {
      const code = codeOf(error, observe);
      told(refusals[code].status, code);
      return refuse(context, code, error instanceof RefusedError ? error.retryAfter : undefined);
    }
  });
  return app;
}

/** A body beyond the cap leaves its head in quarantine. */
async function readBody(
  bodies: BodyReader,
  context: Context<Env>,
  request: Request,
  dependencies: HttpDependencies
): Promise<Buffer> {
  try {
    return await bodies.read(context.req.raw, request.limit.maxMessageBytes);
  } catch (error) {
    if (error instanceof OversizeBody) {
      const { head, bytes, sha256 } = error;
      await dependencies.spool.append([
        { ...reception(request, head, formatOf(request), undefined), oversize: { bytes, sha256 } }
      ]);
    }
    throw error;
  }
}

async function take(body: Buffer, request: Request, dependencies: HttpDependencies): Promise<Answer> {
  const { feed, mediaType } = request;
  const xml = mediaType === 'application/xml' || mediaType === 'text/xml';
  if (feed === 'own' || xml) {
    if (!xml && mediaType !== 'application/json') throw new RefusedError('unsupported-media-type');
    if (xml && feed !== 'own' && feed !== 'audit') throw new RefusedError('unsupported-media-type');
    if (body.length === 0) throw new RefusedError('nothing-to-take');
    return keep([reception(request, body, formatOf(request), undefined)], request.limit, dependencies);
  }
  const receptions = (records: readonly RawRecord[]) =>
    records.map(({ raw, names }) => reception(request, raw, formatOfFeed[feed], names));
  try {
    return await keep(receptions(splitRecords(body, mediaType, feed)), request.limit, dependencies);
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'bad-body' && body.length > 0)
      await dependencies.spool.append(receptions([{ raw: body, names: undefined }]));
    throw error;
  }
}

/** Judges what the sender is told of, and keeps all of it: what was refused ends in quarantine by the same judgement. */
async function keep(
  receptions: readonly Reception[],
  limit: SourceLimit,
  dependencies: HttpDependencies
): Promise<Answer> {
  const verdicts = receptions.map((one) => judge(one, dependencies.directory));
  const places = await dependencies.spool.append(receptions);
  limit.charge(receptions.length, receptions[0]?.receivedAt ?? 0);
  const idOf = (place: Place | undefined) =>
    place === undefined ? '' : `${dependencies.collector}-${place.lane}-${place.seq}`;
  const answer: Answer = { accepted: 0, rejected: [], ids: [] };
  let accepted = 0;
  verdicts.forEach((verdict, index) => {
    const id = idOf(places[index]);
    if (verdict.kind === 'quarantine') answer.rejected.push({ index, ...complaint(verdict), id });
    else {
      accepted += 1;
      answer.ids.push(id);
    }
  });
  return { ...answer, accepted };
}

/** Details of the JSON decoder begin with the path of the field. */
function complaint({ reason, detail }: Extract<Verdict, { kind: 'quarantine' }>) {
  if (reason === 'unknown-system') return { field: 'system', message: detail };
  const path = /^([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*) (?=must|is |holds)/.exec(detail)?.[1] ?? '';
  return { field: path, message: path === '' ? detail : detail.slice(path.length + 1) };
}

function formatOf({ feed, mediaType }: Request): Format {
  const xml = mediaType === 'application/xml' || mediaType === 'text/xml';
  if (feed === 'own') return xml ? 'own-audit' : 'signal';
  return xml ? 'audit-xml' : formatOfFeed[feed];
}

function reception(
  { key, feed, peer, receivedAt }: Request,
  raw: Buffer,
  format: Format,
  names: string | undefined
): Reception {
  const source = format === 'own-audit' && key.any_system ? '' : sourceFor(key, feed, names);
  return { raw, format, transport: 'http', peer, source, receivedAt };
}
