import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject
} from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/*
 * Ciphertexts of the vault, version 1 (integers big-endian). One random data key a block.
 *   wrapped key  u8 1 · 32 bytes ephemeral X25519 public key · 32 bytes AES-256-GCM(KEK, data key) · 16 bytes tag
 *                KEK = HKDF-SHA256(X25519(ephemeral, vault), salt = ephemeral ‖ vault public key, info "vigie vault key 1")
 *   raw object   u8 1 · AES-256-GCM(HKDF(data key, "vigie raw 1"), zstd(records)) · 16 bytes tag; additional data = block name
 *   records      u32 count · count × (f64 sequence · f64 received at · u8 length, format · u8 length, transport
 *                · u16 length, peer · u16 length, source · u8 flags · [flags & 1: f64 whole size, 32 bytes SHA-256 of the whole]
 *                · u32 length, raw): all that a receiver knew, so that a later decoder and a level-2 verification need no more
 *   raw object   rewritten after a redaction: u8 2 · the same with zstd(32 bytes salt key ‖ records), under a data key of its own; a
 *                record whose bytes were erased stays in its place with none
 *   identity     u8 1 · u32 index · AES-256-GCM(HKDF(data key, "vigie identity 1"), text) · 16 bytes tag; additional data = pseudonym
 * Nonces: zero for a key used once; the index for identities.
 */
const version = 1;
/** A raw object that was written again. */
const rewritten = 2;
const maxRawBytes = 1024 ** 3;

/** Name of a block, bound into its raw object: a ciphertext cannot be passed off as another block's. */
export const blockName = (collector: string, lane: string, block: number | bigint): string =>
  `${collector}|${lane}|${block}`;

function derive(dataKey: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, Buffer.alloc(0), info, 32));
}

function encrypt(key: Buffer | KeyObject, nonce: Buffer, plain: Buffer, additional: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additional);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, nonce: Buffer, sealed: Buffer, additional: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
    .setAAD(additional)
    .setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

const rawPublic = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' }).subarray(-32);
const fromRaw = (raw: Buffer): KeyObject =>
  createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), raw]),
    format: 'der',
    type: 'spki'
  });

function wrappingKey(shared: Buffer, ephemeral: Buffer, vault: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', shared, Buffer.concat([ephemeral, vault]), 'vigie vault key 1', 32));
}

function mustBe(found: number | undefined, ...known: number[]): void {
  if (found === undefined || ![version, ...known].includes(found))
    throw new Error(`vault format ${String(found)} is not known: this version is older than the data`);
}

/** Wraps a block's data key to the vault's public key: the writer cannot undo it. */
export function wrapDataKey(dataKey: Buffer, vaultPublicKey: KeyObject): Buffer {
  const pair = generateKeyPairSync('x25519');
  const ephemeral = rawPublic(pair.publicKey);
  const shared = diffieHellman({ privateKey: pair.privateKey, publicKey: vaultPublicKey });
  const kek = wrappingKey(shared, ephemeral, rawPublic(vaultPublicKey));
  return Buffer.concat([
    Buffer.of(version),
    ephemeral,
    encrypt(kek, Buffer.alloc(12), dataKey, Buffer.alloc(0))
  ]);
}

/**
 * Opens a wrapped data key with the vault's private key.
 * @param privateKeyPem PEM; several, one after the other, while a rotation is on: whichever it is wrapped to opens it
 * @throws when none does, or the wrapped key is altered
 */
export function openDataKey(wrapped: Buffer, privateKeyPem: string): Buffer {
  mustBe(wrapped[0]);
  const [first = privateKeyPem, ...others] = privateKeyPem
    .split(/(?=-----BEGIN )/)
    .filter((pem) => pem.trim() !== '');
  try {
    return openWith(wrapped, first);
  } catch (error) {
    if (others.length === 0) throw error;
    return openDataKey(wrapped, others.join(''));
  }
}

function openWith(wrapped: Buffer, pem: string): Buffer {
  const privateKey = createPrivateKey(pem);
  const ephemeral = wrapped.subarray(1, 33);
  const shared = diffieHellman({ privateKey, publicKey: fromRaw(ephemeral) });
  const kek = wrappingKey(shared, ephemeral, rawPublic(createPublicKey(privateKey)));
  return decrypt(kek, Buffer.alloc(12), wrapped.subarray(33), Buffer.alloc(0));
}

export interface RawRecord {
  readonly seq: number;
  readonly receivedAt: number;
  /** How the bytes are to be read, and how they came, in the collector's words. */
  readonly format: string;
  readonly transport: string;
  readonly peer: string;
  /** System the receiver knew it came from, else ''. */
  readonly source: string;
  /** Set when `raw` is the head of a larger message: its size in bytes and SHA-256 in hexadecimal. */
  readonly oversize?: { readonly bytes: number; readonly sha256: string };
  readonly raw: Buffer;
}

/** Format, transport, peer and source, each after its length. */
function viaBytes({ format, transport, peer, source }: RawRecord): Buffer {
  const field = (text: string, size: 1 | 2) => {
    const bytes = Buffer.alloc(size + Buffer.byteLength(text));
    bytes.write(text, bytes.writeUIntBE(bytes.length - size, 0, size));
    return bytes;
  };
  return Buffer.concat([field(format, 1), field(transport, 1), field(peer, 2), field(source, 2)]);
}

const sameVia = (a: RawRecord, b: RawRecord): boolean =>
  a.format === b.format && a.transport === b.transport && a.peer === b.peer && a.source === b.source;

/** Memory for the records of one block, used again for the next: most are of one size, and it is needed for a moment only. */
let scratch = Buffer.alloc(0);
const maxScratch = 64_000_000;

function scratchOf(size: number): Buffer {
  if (size > maxScratch) return Buffer.allocUnsafeSlow(size);
  if (size > scratch.length) scratch = Buffer.allocUnsafeSlow(Math.min(maxScratch, size + (size >> 3)));
  return scratch.subarray(0, size);
}

/** The records of a block in one piece, valid until the next call. Neighbours of one connection share their `viaBytes`. */
function packRecords(records: readonly RawRecord[]): Buffer {
  let [last, bytes]: [RawRecord | undefined, Buffer] = [undefined, Buffer.alloc(0)];
  const via = records.map((record) => {
    if (last === undefined || !sameVia(last, record)) bytes = viaBytes(record);
    last = record;
    return bytes;
  });
  const sizes = records.map(
    ({ raw, oversize }, i) => 16 + (via[i]?.length ?? 0) + 1 + (oversize ? 40 : 0) + 4 + raw.length
  );
  const all = scratchOf(sizes.reduce((sum, size) => sum + size, 4));
  let at = all.writeUInt32BE(records.length);
  records.forEach(({ seq, receivedAt, oversize, raw }, i) => {
    at = all.writeDoubleBE(receivedAt, all.writeDoubleBE(seq, at));
    at += via[i]?.copy(all, at) ?? 0;
    at = all.writeUInt8(oversize ? 1 : 0, at);
    if (oversize) at = all.writeDoubleBE(oversize.bytes, at) + all.write(oversize.sha256, at + 8, 'hex');
    at = all.writeUInt32BE(raw.length, at);
    at += raw.copy(all, at);
  });
  return all;
}

function unpackRecord(plain: Buffer, start: number): { readonly record: RawRecord; readonly next: number } {
  let at = start + 16;
  const text = (size: 1 | 2) => {
    const length = plain.readUIntBE(at, size);
    at += size + length;
    return plain.toString('utf8', at - length, at);
  };
  const told = { format: text(1), transport: text(1), peer: text(2), source: text(2) };
  const large = plain.readUInt8(at++) & 1;
  const oversize = large
    ? { bytes: plain.readDoubleBE(at), sha256: plain.toString('hex', at + 8, at + 40) }
    : undefined;
  if (large) at += 40;
  const length = plain.readUInt32BE(at);
  const next = at + 4 + length;
  const raw = plain.subarray(at + 4, next);
  const [seq, receivedAt] = [plain.readDoubleBE(start), plain.readDoubleBE(start + 8)];
  return { record: { seq, receivedAt, ...told, ...(oversize && { oversize }), raw }, next };
}

/** Compresses and encrypts the raw bytes of one block. */
export function sealRawObject(records: readonly RawRecord[], dataKey: Buffer, name: string): Buffer {
  return sealRaw(version, packRecords(records), dataKey, name);
}

/**
 * The raw object that replaces one of which records were erased.
 * @param dataKey a new one: two objects under one key would reveal both
 * @param saltKey the salt key of the block as it was sealed, so that the leaves that are left can still be redone
 */
export function resealRawObject(
  records: readonly RawRecord[],
  dataKey: Buffer,
  name: string,
  saltKey: Buffer
): Buffer {
  return sealRaw(rewritten, Buffer.concat([saltKey, packRecords(records)]), dataKey, name);
}

function sealRaw(format: number, plain: Buffer, dataKey: Buffer, name: string): Buffer {
  const packed = zstdCompressSync(plain, {
    params: { [constants.ZSTD_c_compressionLevel]: 3 },
    // Room for the whole output of a usual block, instead of hundreds of pieces to put together.
    chunkSize: Math.max(16_384, plain.length >> 4)
  });
  return Buffer.concat([
    Buffer.of(format),
    encrypt(derive(dataKey, 'vigie raw 1'), Buffer.alloc(12), packed, Buffer.from(name))
  ]);
}

/** Opens a raw object. @returns every record, in order. @throws when it was altered or belongs to another block */
export function openRawObject(object: Buffer, dataKey: Buffer, name: string): RawRecord[] {
  return openRaw(object, dataKey, name).records;
}

/** Opens a raw object: its records, and the salt key of its leaves when it was rewritten. @throws as openRawObject */
export function openRaw(
  object: Buffer,
  dataKey: Buffer,
  name: string
): { readonly records: RawRecord[]; readonly saltKey: Buffer | undefined } {
  mustBe(object[0], rewritten);
  const packed = decrypt(
    derive(dataKey, 'vigie raw 1'),
    Buffer.alloc(12),
    object.subarray(1),
    Buffer.from(name)
  );
  const whole = zstdDecompressSync(packed, { maxOutputLength: maxRawBytes });
  const saltKey = object[0] === rewritten ? whole.subarray(0, 32) : undefined;
  const plain = whole.subarray(saltKey?.length ?? 0);
  const records: RawRecord[] = [];
  for (let at = 4; records.length < plain.readUInt32BE(0);) {
    const { record, next } = unpackRecord(plain, at);
    records.push(record);
    at = next;
  }
  return { records, saltKey };
}

/** Opens one record of a raw object, found by its sequence. */
export function openRawRecord(object: Buffer, dataKey: Buffer, name: string, seq: number): RawRecord {
  const record = openRawObject(object, dataKey, name).find((one) => one.seq === seq);
  if (!record) throw new Error('the block holds no such record');
  return record;
}

function identityNonce(index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index);
  return nonce;
}

/** Encrypts the identities of one block, each under the next index. */
export function identitySealer(dataKey: Buffer): (text: string, pseudonym: Buffer) => Buffer {
  // A key object made once: of bytes, the cipher would make one a call.
  const key = createSecretKey(derive(dataKey, 'vigie identity 1'));
  let index = 0;
  return (text, pseudonym) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(index, head.writeUInt8(version));
    return Buffer.concat([head, encrypt(key, identityNonce(index++), Buffer.from(text), pseudonym)]);
  };
}

/** Opens one identity. @throws when it was altered or belongs to another pseudonym */
export function openIdentity(sealed: Buffer, dataKey: Buffer, pseudonym: Buffer): string {
  mustBe(sealed[0]);
  return decrypt(
    derive(dataKey, 'vigie identity 1'),
    identityNonce(sealed.readUInt32BE(1)),
    sealed.subarray(5),
    pseudonym
  ).toString('utf8');
}
