import type { Probe } from '@vigie/schemas';
import type { ProbeRecord } from '@vigie/schemas/facts/probe';
import { echo } from './dicom-echo.ts';

/** What one check found. */
export interface CheckResult {
  readonly success: boolean;
  /** Time to the answer; undefined when there was none. */
  readonly latencyMs: number | undefined;
  readonly detail: NonNullable<ProbeRecord['detail']>;
}

type Detail = CheckResult['detail'];
type EchoProbe = Extract<Probe, { kind: 'c-echo' }>;
type HttpProbe = Extract<Probe, { kind: 'http' }>;

/** Checks once, within the probe's own time. Never throws: a failed check is a result. */
export function check(probe: Probe, signal: AbortSignal): Promise<CheckResult> {
  return probe.kind === 'c-echo' ? checkEcho(probe, signal) : request(probe, signal);
}

async function checkEcho(probe: EchoProbe, signal: AbortSignal): Promise<CheckResult> {
  const startedAt = performance.now();
  const target = {
    host: probe.host,
    port: probe.port,
    calledAe: probe.called_ae,
    callingAe: probe.calling_ae,
    timeoutMs: probe.timeout_seconds * 1000
  };
  try {
    const detail = await echo(target, signal);
    const answered = detail === 'ok' || detail === 'rejected';
    const latencyMs = answered ? Math.round(performance.now() - startedAt) : undefined;
    return { success: detail === 'ok', latencyMs, detail };
  } catch (error) {
    return { success: false, latencyMs: undefined, detail: detailOf(error) };
  }
}

/** GET without following redirects; the body is not read. */
async function request(probe: HttpProbe, signal: AbortSignal): Promise<CheckResult> {
  const startedAt = performance.now();
  try {
    const response = await fetch(probe.url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(probe.timeout_seconds * 1000)]),
      headers: { 'user-agent': 'vigie-probe' }
    });
    const latencyMs = Math.round(performance.now() - startedAt);
    await response.body?.cancel();
    const success = response.status === probe.expect_status;
    return { success, latencyMs, detail: success ? 'ok' : 'bad-status' };
  } catch (error) {
    return { success: false, latencyMs: undefined, detail: detailOf(error) };
  }
}

const refused = new Set(['ECONNREFUSED']);
const unreachable = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'EADDRNOTAVAIL'
]);
const aborted = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNABORTED']);
const timedOut = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT'
]);

/** Why a check failed, from the codes of Node, undici and OpenSSL: a closed list. */
function detailOf(error: unknown): Detail {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at.name === 'TimeoutError' || /timed? ?out/i.test(at.message)) return 'timeout';
    if (at.name === 'AbortError') return 'aborted';
    const code = 'code' in at ? String(at.code) : '';
    if (refused.has(code)) return 'refused';
    if (unreachable.has(code)) return 'unreachable';
    if (timedOut.has(code)) return 'timeout';
    if (aborted.has(code)) return 'aborted';
    if (/^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code)) return 'tls';
    const [nested] = at instanceof AggregateError ? (at.errors as unknown[]) : [];
    if (nested !== undefined) return detailOf(nested);
  }
  return 'error';
}
