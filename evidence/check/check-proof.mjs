#!/usr/bin/env node
/*
 * Checks the proof of one event (docs/evidence.md) offline: node check-proof.mjs PROOF.json --key evidence.pub [--key …] [--json]
 *
 * On purpose this file stands alone: it imports nothing but Node.js, shares no line with Vigie, and can be read in ten minutes.
 * It runs on Node.js 18 and later. Exit codes: 0 the proof holds, 1 it does not, 2 it was wrongly called.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

class Wrong extends Error {}
const must = (condition, sentence) => {
  if (!condition) throw new Wrong(sentence);
};

// ── Reading the command line ────────────────────────────────────────────────────────────────────────────────────────────────
function readArguments(words) {
  const told = { keys: [], json: false, file: undefined };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--key') told.keys.push(words[++i]);
    else if (words[i] === '--json') told.json = true;
    else if (words[i].startsWith('--') || told.file !== undefined) return undefined;
    else told.file = words[i];
  }
  return told.file === undefined || told.keys.length === 0 || told.keys.includes(undefined)
    ? undefined
    : told;
}

/** Public keys by their name: the first 16 hexadecimal digits of the SHA-256 of the key as SPKI in DER. */
function readKeys(files) {
  const keys = new Map();
  for (const file of files)
    for (const pem of readFileSync(file, 'utf8').match(
      /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g
    ) ?? []) {
      const key = createPublicKey(pem);
      keys.set(
        sha256(key.export({ type: 'spki', format: 'der' }))
          .toString('hex')
          .slice(0, 16),
        key
      );
    }
  return keys;
}

// ── The Merkle tree of RFC 6962 ─────────────────────────────────────────────────────────────────────────────────────────────
const leafOf = (...content) => sha256(Buffer.of(0x00), ...content);
const nodeOf = (left, right) => sha256(Buffer.of(0x01), left, right);

/** Root that a leaf and its path lead to (RFC 9162 §2.1.3.2). */
function rootFrom(leaf, index, size, path) {
  must(
    Number.isInteger(index) && Number.isInteger(size) && index >= 0 && index < size,
    'a place lies outside of its tree'
  );
  let [node, at, last] = [leaf, index, size - 1];
  for (const step of path) {
    must(last > 0, 'a path is longer than its tree is high');
    const beside = Buffer.from(step, 'hex');
    must(beside.length === 32, 'a step of a path is no SHA-256');
    if (at % 2 === 1 || at === last) {
      node = nodeOf(beside, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [at >>> 1, last >>> 1];
    } else node = nodeOf(node, beside);
    [at, last] = [at >>> 1, last >>> 1];
  }
  must(last === 0, 'a path is shorter than its tree is high');
  return node.toString('hex');
}

// ── A row of ClickHouse in RowBinary ────────────────────────────────────────────────────────────────────────────────────────
function readRow(columns, bytes) {
  let at = 0;
  const take = (size) => {
    must(at + size <= bytes.length, 'the row is shorter than its columns');
    return bytes.subarray(at, (at += size));
  };
  const length = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const [byte] = take(1);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const number = (size, signed) => {
    let value = 0n;
    for (const byte of [...take(size)].reverse()) value = value * 256n + BigInt(byte);
    return signed ? BigInt.asIntN(size * 8, value) : value;
  };
  const value = (type) => {
    const [, name = type, inner = ''] = /^(\w+)\((.*)\)$/.exec(type) ?? [];
    if (name === 'LowCardinality') return value(inner);
    if (name === 'Nullable') return take(1)[0] === 1 ? null : value(inner);
    if (name === 'Array') return Array.from({ length: length() }, () => value(inner));
    if (name === 'String') return take(length()).toString('utf8');
    if (name === 'FixedString') return take(Number(inner)).toString('hex');
    if (name === 'DateTime64') return new Date(Number(number(8, true))).toISOString();
    if (name === 'DateTime') return new Date(Number(number(4, false)) * 1000).toISOString();
    const [, sign, bits] = /^(U?)Int(8|16|32|64)$/.exec(name) ?? [];
    must(bits !== undefined, `the type ${type} is not known to this check`);
    const whole = number(Number(bits) / 8, sign === '');
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : String(whole);
  };
  const row = Object.fromEntries(columns.map(([name, type]) => [name, value(type)]));
  must(at === bytes.length, 'the row is longer than its columns');
  return row;
}

// ── The leaf of one reception ───────────────────────────────────────────────────────────────────────────────────────────────
function messageLeaf(message) {
  const field = (text) => {
    const bytes = Buffer.from(text, 'utf8');
    const size = Buffer.alloc(2);
    size.writeUInt16BE(bytes.length);
    return Buffer.concat([size, bytes]);
  };
  const index = Buffer.alloc(4);
  index.writeUInt32BE(message.index);
  const time = Buffer.alloc(8);
  time.writeDoubleBE(message.received_at);
  const large = Buffer.alloc(message.oversize ? 9 : 1);
  if (message.oversize) large.writeDoubleBE(message.oversize.bytes, large.writeUInt8(1));
  const salt = Buffer.from(message.salt, 'base64');
  must(salt.length === 16, 'the salt has not 16 bytes');
  return leafOf(
    index,
    time,
    ...[message.source, message.transport, message.peer, message.format].map(field),
    large,
    message.oversize ? Buffer.from(message.oversize.sha256, 'hex') : Buffer.alloc(0),
    salt,
    sha256(Buffer.from(message.raw, 'base64'))
  );
}

// ── The check ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
function openSigned(signed, keys, what) {
  const key = keys.get(signed.key_id);
  must(key, `the ${what} was signed by the key ${signed.key_id}, which was not given`);
  must(key.asymmetricKeyType === 'ed25519', `the key of the ${what} is not Ed25519`);
  const good = verify(null, Buffer.from(signed.text, 'utf8'), key, Buffer.from(signed.signature, 'base64'));
  must(good, `the signature of the ${what} is wrong`);
  const content = JSON.parse(signed.text);
  must(content.key_id === signed.key_id, `the ${what} names another key than it is said to be signed with`);
  return content;
}

/** Checks one proof. Throws Wrong with a sentence; else tells what is proven. */
function check(proof, keys) {
  must(
    proof.version === 1 && proof.kind === 'vigie-proof',
    'this is no proof of a version that this check knows'
  );
  const header = openSigned(proof.header, keys, 'header');
  must(header.version === 1 && typeof header.leaf_root === 'string', 'the header is of another version');
  const done = ['the header of the block is signed'];

  let [size, root] = header.rows[proof.row.table] ?? [];
  let last = 0;
  for (const signed of proof.acts) {
    const act = openSigned(signed, keys, 'record about the block');
    const ours = act.collector === header.collector && act.lane === header.lane;
    must(ours && act.block <= header.first && header.first <= act.to, 'a record is about another block');
    must(act.number > last, 'the records about the block are not in their order');
    const headerHash = sha256(Buffer.from(proof.header.text, 'utf8')).toString('hex');
    must(act.block !== header.first || act.header === headerHash, 'a record is about another header');
    last = act.number;
    [size, root] = act.rows?.[proof.row.table] ?? [size, root];
  }
  if (proof.acts.length > 0) done.push(`${proof.acts.length} later records about the block are signed`);

  must(root !== undefined, `the header knows no rows of ${proof.row.table}`);
  must(size === proof.row.size, 'the header counts another number of rows');
  const bytes = Buffer.from(proof.row.bytes, 'base64');
  const rowLeaf = leafOf(Buffer.from(`${proof.row.table}\0`, 'utf8'), bytes);
  must(
    rootFrom(rowLeaf, proof.row.index, size, proof.row.path) === root,
    'the row is not among those that were signed'
  );
  const row = readRow(proof.row.columns, bytes);
  const id = `${row.collector}-${row.lane}-${row.seq}-${row.sub ?? 0}`;
  must(id === proof.id || id === `${proof.id}-0`, `the row is of the event ${id}, not of ${proof.id}`);
  must(row.block === header.first, 'the row says that it belongs to another block');
  must(row.lane === header.lane && row.collector === header.collector, 'the row is of another lane');
  done.push(`the row of ${proof.row.table} is row ${proof.row.index + 1} of the ${size} that were signed`);

  const { message } = proof;
  if (message) {
    must(message.size === header.records, 'the header counts another number of messages');
    const leaf = messageLeaf(message);
    must(
      rootFrom(leaf, message.index, message.size, message.path) === header.leaf_root,
      'the message is not among those that were signed'
    );
    must(
      row.received_at === new Date(message.received_at).toISOString(),
      'row and message were received at different times'
    );
    for (const name of ['transport', 'peer'])
      must(row[name] === undefined || row[name] === message[name], `row and message differ in ${name}`);
    done.push(
      `the message is message ${message.index + 1} of the ${message.size} that were received and signed`
    );
  }
  const block = {
    collector: header.collector,
    lane: header.lane,
    first: header.first,
    sealed_at: new Date(header.sealed_at).toISOString()
  };
  return { id: proof.id, block, key_id: header.key_id, checks: done, row };
}

const told = readArguments(process.argv.slice(2));
if (!told) {
  process.stderr.write('node check-proof.mjs PROOF.json --key evidence.pub [--key OTHER.pub] [--json]\n');
  process.exit(2);
}
let keys;
let proof;
try {
  keys = readKeys(told.keys);
  proof = JSON.parse(readFileSync(told.file, 'utf8'));
} catch (error) {
  process.stderr.write(`${told.file} or a key cannot be read: ${error.message}\n`);
  process.exit(2);
}
try {
  const result = check(proof, keys);
  if (told.json) process.stdout.write(`${JSON.stringify({ good: true, ...result })}\n`);
  else {
    for (const line of result.checks) process.stdout.write(`good  ${line}\n`);
    process.stdout.write(
      '      The row, under the column names that the proof gives (the values are signed, the names are not):\n'
    );
    for (const [name, value] of Object.entries(result.row))
      process.stdout.write(`      ${name}: ${JSON.stringify(value)}\n`);
    process.stdout.write(
      `The proof of ${result.id} holds: block ${result.block.first}, sealed ${result.block.sealed_at}, key ${result.key_id}.\n`
    );
  }
} catch (error) {
  // Whatever a forged file makes stumble here is a proof that does not hold.
  const reason =
    error instanceof Wrong ? error.message : `it is not in the form of a proof (${error.message})`;
  if (told.json) process.stdout.write(`${JSON.stringify({ good: false, reason })}\n`);
  else process.stdout.write(`BAD   ${reason}\n`);
  process.exitCode = 1;
}
