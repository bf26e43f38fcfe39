import { fieldText, uidText } from './text.ts';

/** What an A-ASSOCIATE-RQ asks for (PS3.8 9.3.2). User identities (PS3.7 D.3.3.7) are not looked at. */
export interface AssociateRequest {
  readonly called: string;
  readonly calling: string;
  /** Presentation context → abstract syntax. */
  readonly contexts: ReadonlyMap<number, string>;
  readonly implementation: string;
}

export interface AssociateAccept {
  /** Presentation contexts accepted (result 0). */
  readonly accepted: ReadonlySet<number>;
  readonly implementation: string;
}

const itemsAt = 68;
const mostContexts = 128;

/** @returns undefined when the body is too short to be one */
export function readAssociateRequest(body: Uint8Array): AssociateRequest | undefined {
  if (body.length < itemsAt) return undefined;
  const contexts = new Map<number, string>();
  let implementation = '';
  for (const item of items(body, itemsAt, body.length)) {
    if (item.type === 0x20 && contexts.size < mostContexts) {
      for (const sub of items(body, item.start + 4, item.end))
        if (sub.type === 0x30) contexts.set(body[item.start] ?? 0, uidText(body, sub.start, sub.end));
    } else if (item.type === 0x50) implementation = implementationOf(body, item);
  }
  return { called: fieldText(body, 4, 20), calling: fieldText(body, 20, 36), contexts, implementation };
}

/** @returns undefined when the body is too short to be one */
export function readAssociateAccept(body: Uint8Array): AssociateAccept | undefined {
  if (body.length < itemsAt) return undefined;
  const accepted = new Set<number>();
  let implementation = '';
  for (const item of items(body, itemsAt, body.length)) {
    if (item.type === 0x21 && body[item.start + 2] === 0 && accepted.size < mostContexts)
      accepted.add(body[item.start] ?? 0);
    else if (item.type === 0x50) implementation = implementationOf(body, item);
  }
  return { accepted, implementation };
}

/** Whether bytes begin a connection as DICOM does: an A-ASSOCIATE-RQ of protocol version 1. */
export function beginsAssociation(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 8 || bytes[start] !== 1 || bytes[start + 1] !== 0) return false;
  const length =
    bytes[start + 2]! * 0x100_0000 +
    ((bytes[start + 3]! << 16) | (bytes[start + 4]! << 8) | bytes[start + 5]!);
  return length >= itemsAt && length <= 262_144 && (bytes[start + 7]! & 1) === 1;
}

interface Item {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** Items of a type, a reserved byte and a length of two bytes (PS3.8 9.3.2). Stops at one that does not fit. */
function* items(bytes: Uint8Array, from: number, to: number): Generator<Item> {
  for (let at = from; at + 4 <= to;) {
    const end = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (end > to) return;
    yield { type: bytes[at]!, start: at + 4, end };
    at = end;
  }
}

/** Implementation Version Name (PS3.7 D.3.3.2), which names the software. */
function implementationOf(bytes: Uint8Array, userInformation: Item): string {
  for (const { type, start, end } of items(bytes, userInformation.start, userInformation.end))
    if (type === 0x55) return fieldText(bytes, start, Math.min(end, start + 16));
  return '';
}
