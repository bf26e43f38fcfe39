import { hash, randomBytes } from 'node:crypto';
import { der, readDer, type DerValue } from './der.ts';

/** Why there is no time-stamp, in a sentence. */
export class TimeStampError extends Error {
  readonly code = 'time-stamp';
}

const sequence = 0x30;
const integer = 0x02;
const octets = 0x04;
const sha256 = der(sequence, der(0x06, Buffer.from('608648016503040201', 'hex')), der(0x05));
const maxAnswerBytes = 100_000;

/**
 * Asks a time-stamping authority for a token over the SHA-256 of `bytes` (RFC 3161 §3.4, over HTTP), and looks whether the token
 * is of these bytes and of this question. Whose signature it bears is checked with the authority's certificate:
 * `openssl ts -verify -data head.json -in head.tsr -CAfile authority.pem`.
 * @returns the whole answer in DER, as `openssl ts` reads it, and the time it tells
 * @throws {TimeStampError}
 */
export async function requestTimeStamp(
  url: string,
  bytes: Buffer
): Promise<{ readonly answer: Buffer; readonly at: Date }> {
  // Positive: the first bit of a DER integer is its sign.
  const nonce = randomBytes(8);
  nonce[0] = (nonce.readUInt8(0) & 0x7f) | 0x40;
  const imprint = der(sequence, sha256, der(octets, hash('sha256', bytes, 'buffer')));
  const question = der(
    sequence,
    der(integer, Buffer.of(1)),
    imprint,
    der(integer, nonce),
    der(0x01, Buffer.of(0xff))
  );
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body: new Uint8Array(question),
      signal: AbortSignal.timeout(30_000)
    });
  } catch {
    throw new TimeStampError('the time-stamping authority does not answer');
  }
  if (!response.ok) throw new TimeStampError(`the time-stamping authority answered ${response.status}`);
  const answer = Buffer.from(await response.arrayBuffer());
  const told = readTimeStamp(answer, bytes);
  if (!told.nonce?.equals(nonce))
    throw new TimeStampError('the time-stamp is the answer to another question');
  return { answer, at: told.at };
}

/**
 * Reads an answer of a time-stamping authority. Its signature is not checked here.
 * @throws {TimeStampError} when it was refused, cannot be read, or is not of these bytes
 */
export function readTimeStamp(
  answer: Buffer,
  bytes: Buffer
): { readonly at: Date; readonly nonce: Buffer | undefined } {
  let info: DerValue[];
  let imprint: Buffer | undefined;
  try {
    if (answer.length > maxAnswerBytes) throw new RangeError('too long');
    const [status, token] = inside(readDer(answer)[0]);
    const granted = inside(status)[0]?.content.at(-1) ?? 2;
    if (granted > 1) throw new TimeStampError(`the time-stamping authority refused (status ${granted})`);
    // ContentInfo → SignedData → EncapsulatedContentInfo → TSTInfo.
    const signed = inside(inside(inside(token)[1])[0]);
    const wrapped = inside(inside(signed[2])[1])[0];
    info = inside(readDer(wrapped?.content ?? Buffer.alloc(0))[0]);
    imprint = inside(info[2])[1]?.content;
  } catch (error) {
    if (error instanceof TimeStampError) throw error;
    throw new TimeStampError('the answer of the time-stamping authority cannot be read');
  }
  if (!imprint?.equals(hash('sha256', bytes, 'buffer')))
    throw new TimeStampError('the time-stamp is of other bytes');
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(info[4]?.content.toString('latin1') ?? '') ?? [];
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at.getTime())) throw new TimeStampError('the time-stamp tells no time');
  return { at, nonce: info.slice(5).find(({ tag }) => tag === integer)?.content };
}

const inside = (value: DerValue | undefined): DerValue[] => readDer(value?.content ?? Buffer.alloc(0));
