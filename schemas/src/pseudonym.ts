import { hash } from 'node:crypto';

/** OIDs under which one INS matricule circulates: NIR, NIA, and the national test and demonstration ranges. */
const insAuthorities = [
  '1.2.250.1.213.1.4.8',
  '1.2.250.1.213.1.4.9',
  '1.2.250.1.213.1.4.10',
  '1.2.250.1.213.1.4.11'
];

/** HL7 namespaces seen in front of, or instead of, those OIDs. */
const insNamespaces: Record<string, string> = {
  'ASIP-SANTE-INS-NIR': '1.2.250.1.213.1.4.8',
  'INS-NIR': '1.2.250.1.213.1.4.8',
  'ASIP-SANTE-INS-NIA': '1.2.250.1.213.1.4.9',
  'INS-NIA': '1.2.250.1.213.1.4.9',
  'INS-NIR-TEST': '1.2.250.1.213.1.4.10',
  'INS-NIR-DEMO': '1.2.250.1.213.1.4.11'
};

export interface Identifier {
  readonly authority: string;
  readonly value: string;
}

/**
 * Reads an identifier as HL7 CX (`id^^^ns&oid&ISO^type`), or bare, and normalises its authority.
 * A universal OID wins over a namespace; `urn:oid:` is dropped; the key digits and blanks of an INS are removed
 * so that 13 and 15 digits name one person.
 * @param text the identifier as told, `&amp;` already unescaped
 * @param defaultAuthority the issuer to assume for a bare identifier (PS3.3 C.7.1.1 Issuer of Patient ID)
 */
export function readIdentifier(text: string, defaultAuthority: string): Identifier {
  const parts = text.replaceAll('&amp;', '&').split('^');
  const assigning = (parts[3] ?? '').split('&');
  const told = (assigning[1] || assigning[0] || '').trim();
  const authority = normaliseAuthority(told || defaultAuthority);
  const value = (parts[0] ?? '').trim();
  return { authority, value: insAuthorities.includes(authority) ? normaliseIns(value) : value };
}

/** Whether an HL7 CX is the national health identifier (INS), real or of a test range. */
export function isIns(text: string): boolean {
  return insAuthorities.includes(readIdentifier(text, '').authority);
}

/** Lower-cases nothing: OIDs and namespaces are compared as told, save for known aliases of the INS. */
export function normaliseAuthority(authority: string): string {
  const bare = authority.replace(/^urn:oid:/i, '');
  return insNamespaces[bare] ?? bare;
}

function normaliseIns(value: string): string {
  const digits = value.replaceAll(/\s/g, '');
  return /^[\dAB]{15}$/i.test(digits) ? digits.slice(0, 13) : digits;
}

/**
 * Keyed pseudonym of one identifier: HMAC-SHA-256(key, authority | identifier), first 16 bytes.
 * @param key 32 bytes
 * @returns 16 bytes, for ClickHouse FixedString(16)
 */
export function pseudonym(key: Uint8Array, identifier: Identifier): Buffer {
  return pseudonymiser(key)(identifier);
}

const blockBytes = 64;

/**
 * `pseudonym` with the key set up once: HMAC (RFC 2104) as the two hashes it is, since a MAC object a call costs several times as much.
 * @param key at most 64 bytes
 */
export function pseudonymiser(key: Uint8Array): (identifier: Identifier) => Buffer {
  if (key.length > blockBytes) throw new RangeError(`a pseudonym key has at most ${blockBytes} bytes`);
  const pad = (byte: number) => Uint8Array.from({ length: blockBytes }, (_, i) => (key[i] ?? 0) ^ byte);
  const outer = Buffer.concat([pad(0x5c), Buffer.alloc(32)]);
  const inner = pad(0x36);
  return ({ authority, value }) => {
    const digest = hash('sha256', Buffer.concat([inner, Buffer.from(`${authority}|${value}`)]), 'binary');
    outer.write(digest, blockBytes, 'latin1');
    return hash('sha256', outer, 'buffer').subarray(0, 16);
  };
}

/** Authority under which users of audit messages are pseudonymised. Logins are compared without case. */
export function userIdentifier(userId: string): Identifier {
  return { authority: 'user', value: userId.trim().toLowerCase() };
}

/**
 * Authority of the token by which an object's id is found that may be anyone's: a document, an encounter, a query. It is
 * the `object_id` of audit.event, in hexadecimal.
 */
export function objectIdentifier(id: string): Identifier {
  return { authority: 'object', value: id.trim() };
}
