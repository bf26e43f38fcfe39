import type { Lane, Reception } from '../reception.ts';
import { decodeBatch, encodeBatch } from '../spool/record.ts';
import type { PieceSeal } from './piece-seal.ts';

/** Messages of one piece of a queue: it is sent, and forgotten, as one. */
const [pieceRecords, pieceBytes] = [500, 2_000_000] as const;

/** A message and its sequence. */
export interface Numbered {
  readonly seq: number;
  readonly reception: Reception;
}

/** Where a piece lies, and what may be in it: sequences and reception times, ms, from first to last. */
export type PieceKey = [
  target: string,
  number: number,
  lane: Lane,
  first: number,
  last: number,
  from: number,
  to: number
];

/** One piece as it is sent: messages and their sequences, which make their ids. */
export interface Piece {
  readonly key: PieceKey;
  readonly lane: Lane;
  readonly seqs: readonly number[];
  readonly receptions: readonly Reception[];
}

/** As it lies on disk. `batch` alone, in a key of two, is a piece of before there was a key: plain. */
export interface StoredPiece {
  readonly lane: Lane;
  readonly seqs: readonly number[];
  readonly sealed?: Buffer;
  readonly batch?: Buffer;
}

export const sizeOf = ({ sealed, batch }: StoredPiece): number => (sealed ?? batch)?.length ?? 0;

/** Pure: splits messages into pieces within the bounds. */
export function pieces<T extends Numbered>(messages: readonly T[]): T[][] {
  const found: T[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const last = found.at(-1);
    const size = message.reception.raw.length;
    if (last === undefined || last.length >= pieceRecords || bytes + size > pieceBytes) {
      found.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return found;
}

/** @param messages of one lane, in order, not empty */
export function pieceKey(
  target: string,
  number: number,
  lane: Lane,
  messages: readonly Numbered[]
): PieceKey {
  const times = messages.map(({ reception }) => reception.receivedAt);
  const [first, last] = [messages[0]?.seq ?? 0, messages.at(-1)?.seq ?? 0];
  return [target, number, lane, first, last, Math.min(...times), Math.max(...times)];
}

export function sealPiece(
  target: string,
  lane: Lane,
  messages: readonly Numbered[],
  seal: PieceSeal
): StoredPiece {
  const seqs = messages.map(({ seq }) => seq);
  const batch = encodeBatch(messages.map(({ reception }) => reception));
  return { lane, seqs, sealed: seal.seal(batch, { target, lane, seqs }) };
}

/** @throws when it cannot be opened with this key */
export function openPiece(
  target: string,
  { lane, seqs, sealed, batch }: StoredPiece,
  seal: PieceSeal
): Numbered[] {
  const plain = sealed
    ? seal.open(Buffer.from(sealed), { target, lane, seqs })
    : Buffer.from(batch ?? Buffer.alloc(0));
  return decodeBatch(plain).map((reception, i) => ({ seq: seqs[i] ?? 0, reception }));
}
