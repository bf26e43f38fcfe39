import type { ApiKey } from '@vigie/schemas';
import { Hono, type Context } from 'hono';
import { encodeResponse, encodeStatus } from '../decode/otlp/messages.ts';
import { readMetrics } from '../decode/otlp/read.ts';
import { Undecodable } from '../decode/undecodable.ts';
import { mapPoints, type Mapped } from '../normalise/metrics/map-points.ts';
import { label } from '../normalise/origin.ts';
import type { Reception } from '../reception.ts';
import { codeOf, peerOf, type Env } from './http-context.ts';
import { refusals, RefusedError, type RefusalCode } from './http-errors.ts';
import type { Gate } from './http-gate.ts';
import type { HttpDependencies } from './http-dependencies.ts';

const protobufType = 'application/x-protobuf';
/** Names of metrics that one answer tells. */
const namesTold = 10;

interface Taken {
  readonly accepted: number;
  readonly rejected: number;
  readonly message: string;
  readonly bytes: number;
}

/**
 * OTLP/HTTP receiver of metrics (OTLP 1.x): `POST /v1/metrics`, protobuf or JSON, plain or gzip, one API key a sender. A request of
 * which some point became a fact is kept whole, in the spool, before the 200; what no rule maps and what cannot be used is counted and
 * told in `partial_success`. Refusals are google.rpc.Status in the encoding of the request.
 */
export function createOtlpApp(dependencies: HttpDependencies, gate: Gate): Hono<Env> {
  const { observe, now = Date.now } = dependencies;
  const app = new Hono<Env>();
  app.all('/', async (context) => {
    const startedAt = now();
    const peer = peerOf(context);
    let key: ApiKey | undefined;
    const told = (status: number, code: RefusalCode | '', taken?: Taken) =>
      observe.request({
        key: key?.id ?? '',
        feed: 'metrics',
        peer,
        status,
        code,
        accepted: taken?.accepted ?? 0,
        rejected: taken?.rejected ?? 0,
        bytes: taken?.bytes ?? 0,
        ms: now() - startedAt
      });
    try {
      if (context.req.method !== 'POST') throw new RefusedError('method-not-allowed');
      key = gate.key(context.req.header('authorization'), peer, startedAt);
      const limit = gate.admit(key, 'metrics', peer, startedAt);
      const encoding = encodingOf(context);
      if (encoding === undefined) throw new RefusedError('otlp-media-type');
      const raw = await gate.bodies.read(context.req.raw, limit.maxMessageBytes);
      const reception: Reception = {
        raw,
        format: encoding === 'json' ? 'otlp-json' : 'otlp-protobuf',
        transport: 'http',
        peer,
        source: key.any_system ? '' : (key.system ?? ''),
        receivedAt: startedAt
      };
      const taken = await take(reception, encoding, dependencies);
      limit.charge(1, startedAt);
      told(200, '', taken);
      return answer(context, encoding, taken);
    } catch (error) {
      const code = codeOf(error, observe);
      told(refusals[code].status, code);
      return refuse(context, code, error instanceof RefusedError ? error.retryAfter : undefined);
    }
  });
  return app;
}

function encodingOf(context: Context<Env>): 'json' | 'protobuf' | undefined {
  const type = (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === protobufType ? 'protobuf' : undefined;
}

async function take(
  reception: Reception,
  encoding: 'json' | 'protobuf',
  dependencies: HttpDependencies
): Promise<Taken> {
  const { spool, directory } = dependencies;
  const bytes = reception.raw.length;
  const { points, other } = await read(reception, encoding, spool);
  const mapped = mapPoints(points, reception, directory);
  if (mapped.facts.length > 0) await spool.append([reception]);
  return {
    accepted: mapped.used,
    rejected: points.length - mapped.used + other,
    message: complaint(mapped, other),
    bytes
  };
}

/** What cannot be read is kept, and refused for good: sent again it would be no better. */
async function read(reception: Reception, encoding: 'json' | 'protobuf', spool: HttpDependencies['spool']) {
  try {
    return readMetrics(reception.raw, encoding);
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error;
    if (error.reason === 'oversize') throw new RefusedError('too-many-points');
    if (reception.raw.length > 0) await spool.append([reception]);
    throw new RefusedError('otlp-body');
  }
}

/** Why points were not taken, with the mend; '' when all were. Metrics are named, never their values or attributes. */
function complaint({ unmapped, refused }: Mapped, other: number): string {
  const names = [...unmapped.keys()].slice(0, namesTold).map((name) => label(name));
  const more = unmapped.size > names.length ? ` and ${unmapped.size - names.length} more` : '';
  return [
    ...[...refused].map(([reason, count]) => `${count} points: ${reason}`),
    ...(names.length > 0 ? [`no rule under metrics in vigie.yaml maps ${names.join(', ')}${more}`] : []),
    ...(other > 0 ? [`${other} points are summaries or hold no value`] : [])
  ].join('; ');
}

function answer(
  context: Context<Env>,
  encoding: 'json' | 'protobuf',
  { rejected, message }: Taken
): Response {
  const partial = rejected > 0 ? { rejected, message } : undefined;
  if (encoding === 'json')
    return context.json(
      partial === undefined
        ? {}
        : { partialSuccess: { rejectedDataPoints: String(rejected), errorMessage: message } }
    );
  return context.body(new Uint8Array(encodeResponse(partial)), 200, { 'content-type': protobufType });
}

function refuse(context: Context<Env>, code: RefusalCode, retryAfter: number | undefined): Response {
  const refusal = refusals[code];
  if (code === 'unauthorised') context.header('www-authenticate', 'Bearer');
  if (code === 'method-not-allowed') context.header('allow', 'POST');
  if ('retryAfter' in refusal)
    context.header('retry-after', String(Math.max(refusal.retryAfter, retryAfter ?? 0)));
  if (code === 'too-large' || code === 'busy') context.header('connection', 'close');
  const message = `${refusal.message}: ${refusal.mend}`;
  if (encodingOf(context) !== 'protobuf') return context.json({ message }, refusal.status);
  return context.body(new Uint8Array(encodeStatus(message)), refusal.status, {
    'content-type': protobufType
  });
}
