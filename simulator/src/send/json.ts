import { gzipSync } from 'node:zlib';

/** The collector did not take a batch. `retry` says whether it may later. */
export class RefusedError extends Error {
  readonly retry: boolean;
  constructor(message: string, retry: boolean) {
    super(message);
    this.retry = retry;
  }
}

/** Posts records to the collector's JSON inputs, gzipped. Every record must be accepted. */
export async function postRecords(
  url: string,
  key: string,
  feed: string,
  records: readonly unknown[]
): Promise<void> {
  const response = await fetch(`${url}/v1/${feed}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip'
    },
    body: gzipSync(JSON.stringify({ records }), { level: 1 }),
    signal: AbortSignal.timeout(30_000)
  });
  const answer = (await response.json()) as {
    rejected?: { field: string; message: string }[];
    message?: string;
  };
  const rejected = answer.rejected?.[0];
  if (rejected)
    throw new RefusedError(`/v1/${feed} rejected a record: ${rejected.field} ${rejected.message}`, false);
  if (!response.ok)
    throw new RefusedError(
      `/v1/${feed} answered ${response.status}: ${answer.message ?? ''}`,
      response.status === 503 || response.status === 429
    );
}

/** Tells the console that what comes is simulated. */
export async function announce(
  url: string,
  key: string,
  state: 'opened' | 'closed',
  at: Date
): Promise<void> {
  const response = await fetch(`${url}/v1/own`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      occurred_at: at.toISOString(),
      code: 'simulation',
      severity: 'info',
      state,
      subject: 'simulator',
      params: {}
    }),
    signal: AbortSignal.timeout(10_000)
  });
  if (!response.ok)
    throw new RefusedError(
      `/v1/own answered ${response.status}`,
      response.status >= 500 || response.status === 429
    );
}
