import { gzipSync } from 'node:zlib';
import { AwayError, reasonOf, RefusedError } from './away-error.ts';

interface Answer {
  readonly rejected?: readonly { readonly index: number; readonly field: string; readonly message: string }[];
  readonly message?: string;
  readonly partialSuccess?: { readonly errorMessage: string };
  readonly entry?: readonly { readonly response: { readonly status: string; readonly outcome?: unknown } }[];
}

const busy = new Set([408, 429, 500, 502, 503, 504, 507]);

/** The collector's JSON inputs, and its FHIR feed. */
export class JsonSender {
  readonly #url: string;
  readonly #key: string;

  constructor({ url, key }: { readonly url: string; readonly key: string }) {
    this.#url = url;
    this.#key = key;
  }

  /** Posts records, gzipped. Resolves once all lie on the collector's disk. @throws {AwayError | RefusedError} */
  async records(feed: string, records: readonly unknown[]): Promise<void> {
    await this.#post(`/v1/${feed}`, gzipSync(JSON.stringify({ records }), { level: 1 }), 'gzip');
  }

  /** Posts FHIR AuditEvents in one batch. Resolves once all lie on the collector's disk. @throws {AwayError | RefusedError} */
  async events(resources: readonly object[]): Promise<void> {
    const entry = resources.map((resource) => ({ resource, request: { method: 'POST', url: 'AuditEvent' } }));
    const body = gzipSync(JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }), { level: 1 });
    const { entry: answers = [] } = await this.#post('/fhir', body, 'gzip');
    const refused = answers.find(({ response }) => !response.status.startsWith('201'))?.response;
    if (refused)
      throw new RefusedError(`/fhir rejected an event: ${JSON.stringify(refused.outcome ?? refused.status)}`);
  }

  /** Posts data points of the histogram of the AI orchestrator (OTLP/JSON). @throws {AwayError | RefusedError} */
  async metrics(dataPoints: readonly object[]): Promise<void> {
    const metric = {
      name: 'ai.inference.duration',
      unit: 's',
      histogram: { aggregationTemporality: 1, dataPoints }
    };
    const body = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
    const { partialSuccess } = await this.#post('/v1/metrics', gzipSync(body, { level: 1 }), 'gzip');
    if (partialSuccess)
      throw new RefusedError(`/v1/metrics took a part only: ${partialSuccess.errorMessage}`);
  }

  /** Tells the console that what comes is simulated. @throws {AwayError | RefusedError} */
  async announce(at: Date): Promise<void> {
    const signal = {
      occurred_at: at.toISOString(),
      code: 'simulation',
      severity: 'info',
      state: 'opened',
      subject: 'simulator',
      params: {}
    };
    await this.#post('/v1/own', Buffer.from(JSON.stringify(signal)), undefined);
  }

  async #post(path: string, body: Buffer, encoding: string | undefined): Promise<Answer> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#key}`,
          'content-type': 'application/json',
          ...(encoding !== undefined && { 'content-encoding': encoding })
        },
        body,
        signal: AbortSignal.timeout(60_000)
      });
      text = await response.text();
    } catch (error) {
      throw new AwayError(`${this.#url}: ${reasonOf(error)}`, { cause: error });
    }
    if (busy.has(response.status)) throw new AwayError(`${this.#url}${path} answered ${response.status}`);
    const answer = answerOf(text);
    const { rejected: [first] = [], message = '' } = answer;
    if (first) throw new RefusedError(`${path} rejected a record: ${first.field} ${first.message}`);
    if (!response.ok) throw new RefusedError(`${path} answered ${response.status}: ${message}`);
    return answer;
  }
}

/** What the answer says; nothing when it is not ours. */
function answerOf(text: string): Answer {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
