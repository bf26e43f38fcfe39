import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import type { ForwardTarget } from '@vigie/schemas';
import { fhirBody } from './message.ts';
import type { Piece } from './pieces.ts';
import { ForwardError, type Sent, type Target } from './target.ts';

const requestMs = 30_000;
/** Requests at once: an answer takes a round trip, and order means nothing to a repository. */
const parallel = 8;
/** Answers after which sending the same resource again cannot help. */
const final = new Set([400, 406, 409, 410, 413, 415, 422]);

/** A FHIR repository: each resource is posted as it came (IHE ITI-20, FHIR feed), and counts as sent with its 2xx. */
export class FhirTarget implements Target {
  readonly #to: Extract<ForwardTarget, { kind: 'fhir' }>;
  #agent: http.Agent | undefined;

  constructor(to: Extract<ForwardTarget, { kind: 'fhir' }>) {
    this.#to = to;
  }

  async send(piece: Piece): Promise<Sent> {
    const refused: Sent['refused'][number][] = [];
    let next = 0;
    const headers = await this.#headers();
    const agent = await this.#connected();
    const work = async () => {
      for (let at = next++; at < piece.receptions.length; at = next++) {
        const reception = piece.receptions[at];
        if (reception === undefined) break;
        const { body, type } = fhirBody(reception);
        const { status, retryAfter } = await this.#post(
          body,
          { ...headers, 'content-type': type, accept: type },
          agent
        );
        if (status >= 200 && status < 300) continue;
        if (final.has(status)) refused.push({ seq: piece.seqs[at] ?? 0, reason: `http-${status}` });
        else throw refusal(status, retryAfter);
      }
    };
    const results = await Promise.allSettled(Array.from({ length: parallel }, work));
    const failed = results.find((one) => one.status === 'rejected');
    if (failed) throw asForwardError(failed.reason);
    return { refused };
  }

  #post(
    body: Buffer,
    headers: Record<string, string>,
    agent: http.Agent
  ): Promise<{ status: number; retryAfter: number | undefined }> {
    const url = new URL(`${this.#to.url.replace(/\/$/, '')}/AuditEvent`);
    const { request } = url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const asked = request(
        url,
        { method: 'POST', agent, headers: { ...headers, 'content-length': body.length }, timeout: requestMs },
        (response) => {
          response.resume();
          response.on('error', reject);
          const wait = Number(response.headers['retry-after']);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              retryAfter: Number.isFinite(wait) ? wait : undefined
            })
          );
        }
      );
      asked.on('timeout', () =>
        asked.destroy(new ForwardError('too-slow', 'the target does not answer: look at it'))
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }

  async #headers(): Promise<Record<string, string>> {
    const { token_file: file } = this.#to;
    if (file === undefined) return {};
    const token = await readFile(file, 'utf8').catch(() => {
      throw new ForwardError('no-token', `${file} cannot be read: write the target's token into it`);
    });
    return { authorization: `Bearer ${token.trim()}` };
  }

  async #connected(): Promise<http.Agent> {
    if (this.#agent) return this.#agent;
    const { url, ca, certificate, key } = this.#to;
    const options = { keepAlive: true, maxSockets: parallel };
    if (url.startsWith('http:')) return (this.#agent = new http.Agent(options));
    const [authorities, cert, secret] = await Promise.all(
      [ca, certificate, key].map((file) =>
        file === undefined
          ? undefined
          : readFile(file).catch(() => {
              throw new ForwardError('no-file', `${file} cannot be read: correct the path in vigie.yaml`);
            })
      )
    );
    return (this.#agent = new https.Agent({
      ...options,
      minVersion: 'TLSv1.2',
      ...(authorities && { ca: authorities }),
      ...(cert && secret && { cert, key: secret })
    }));
  }

  /** The files are read anew with the next connection. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }
}

function refusal(status: number, retryAfter: number | undefined): ForwardError {
  const mend =
    status === 401 || status === 403
      ? 'the target does not let this collector write: check token_file or certificate'
      : status === 404 || status === 405
        ? 'there is no FHIR AuditEvent feed at this url: correct it in vigie.yaml'
        : 'the target cannot take anything now: look at it';
  return new ForwardError(`http-${status}`, mend, retryAfter);
}

function asForwardError(error: unknown): ForwardError {
  if (error instanceof ForwardError) return error;
  const { code = 'failed' } = error as NodeJS.ErrnoException;
  return new ForwardError(
    code,
    /CERT|ALTNAME|SSL|TLS/.test(code)
      ? 'the certificates do not fit: compare ca, certificate and key of this target with its own'
      : 'the target cannot be reached: check its url and the network'
  );
}
