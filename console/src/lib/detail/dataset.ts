import { inflateRawSync } from 'node:zlib';
import { dictionary } from './dictionary.ts';

/** Transfer syntaxes of PS3.5 in which a query's identifier can be; implicit little endian when none is told. */
const implicitLittle = '1.2.840.10008.1.2';
const explicitBig = '1.2.840.10008.1.2.2';
const deflated = '1.2.840.10008.1.2.1.99';
/** Value representations whose length takes 32 bits after two reserved bytes (PS3.5 §7.1.2). */
const wide = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const numbers: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8, AT: 4 };
const undefinedLength = 0xffffffff;
const depthLimit = 8;
const elementLimit = 2_000;
const inflatedLimit = 4_000_000;
const shownValue = 256;

interface Reading {
  readonly bytes: Buffer;
  readonly little: boolean;
  readonly explicit: boolean;
  readonly lines: string[];
  charset: string;
}

/**
 * A DICOM data set as lines of `(gggg,eeee) Name: value`, sequence items indented.
 * @param syntax transfer syntax UID as told; '' when none is
 * @returns null when the bytes are no data set of that syntax, nor of another
 */
export function readDataset(bytes: Buffer, syntax: string): string[] | null {
  const told = syntax.trim().replace(/\0+$/, '');
  if (told === deflated) {
    try {
      return read(inflateRawSync(bytes, { maxOutputLength: inflatedLimit }), true, true);
    } catch {
      return null;
    }
  }
  const explicit = told !== '' && told !== implicitLittle;
  const first = read(bytes, told !== explicitBig, explicit);
  // Some senders name one syntax and write another.
  return first ?? read(bytes, true, !explicit) ?? null;
}

function read(bytes: Buffer, little: boolean, explicit: boolean): string[] | null {
  const reading: Reading = { bytes, little, explicit, lines: [], charset: '' };
  try {
    const end = elements(reading, 0, bytes.length, 0);
    return end === bytes.length && reading.lines.length > 0 ? reading.lines : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Reads elements up to `end`, or to the delimiter of an item of undefined length. @returns where it stopped */
function elements(reading: Reading, from: number, end: number, depth: number): number {
  let at = from;
  let before = -1;
  while (at < end) {
    const { tag, vr, length, start } = header(reading, at);
    if (tag === 0xfffee00d) return start;
    // Tags ascend (PS3.5 §7.1): what does not is no data set.
    if (tag <= before || (depth === 0 && tag >>> 16 > 0x7fe0) || reading.lines.length > elementLimit)
      throw new RangeError('no data set');
    before = tag;
    const sequence = vr === 'SQ' || length === undefinedLength;
    if (!sequence && start + length > end) throw new RangeError('beyond the end');
    const value = sequence ? '' : valueOf(reading, tag, vr, start, length);
    reading.lines.push(`${'  '.repeat(depth)}${nameOf(tag)}${value === '' ? '' : `: ${value}`}`);
    if (tag === 0x00080005) reading.charset = value;
    at = sequence ? items(reading, start, length, depth + 1) : start + length;
  }
  if (at !== end) throw new RangeError('beyond the end');
  return at;
}

function items(reading: Reading, from: number, length: number, depth: number): number {
  if (depth > depthLimit) throw new RangeError('too deep');
  const end = length === undefinedLength ? reading.bytes.length : from + length;
  if (end > reading.bytes.length) throw new RangeError('beyond the end');
  let at = from;
  while (at < end) {
    const item = header(reading, at);
    if (item.tag === 0xfffee0dd) return item.start;
    if (item.tag !== 0xfffee000) throw new RangeError('no item');
    const limit = item.length === undefinedLength ? end : item.start + item.length;
    if (limit > end) throw new RangeError('beyond the end');
    at = elements(reading, item.start, limit, depth);
  }
  return at;
}

function header({ bytes, little, explicit }: Reading, at: number) {
  const u16 = (place: number) => (little ? bytes.readUInt16LE(place) : bytes.readUInt16BE(place));
  const u32 = (place: number) => (little ? bytes.readUInt32LE(place) : bytes.readUInt32BE(place));
  const tag = u16(at) * 0x10000 + u16(at + 2);
  if (!explicit || tag >= 0xfffee000) return { tag, vr: '', length: u32(at + 4), start: at + 8 };
  const vr = bytes.toString('latin1', at + 4, at + 6);
  if (!/^[A-Z]{2}$/.test(vr)) throw new RangeError('no value representation');
  return wide.has(vr)
    ? { tag, vr, length: u32(at + 8), start: at + 12 }
    : { tag, vr, length: u16(at + 6), start: at + 8 };
}

function valueOf(reading: Reading, tag: number, vr: string, start: number, length: number): string {
  const bytes = reading.bytes.subarray(start, start + length);
  const size = numbers[vr];
  if (size !== undefined) return numbersOf(bytes, vr, size, reading.little);
  const utf8 = reading.charset.includes('ISO_IR 192');
  const text = bytes.toString(utf8 ? 'utf8' : 'latin1').replace(/[\0 ]+$/, '');
  if (/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text)) return `(${length} bytes)`;
  return text.length > shownValue ? `${text.slice(0, shownValue)}…` : text;
}

function numbersOf(bytes: Buffer, vr: string, size: number, little: boolean): string {
  const shown: (number | string)[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + size <= bytes.length && shown.length < 16; at += size) {
    if (vr === 'US') shown.push(view.getUint16(at, little));
    else if (vr === 'SS') shown.push(view.getInt16(at, little));
    else if (vr === 'UL') shown.push(view.getUint32(at, little));
    else if (vr === 'SL') shown.push(view.getInt32(at, little));
    else if (vr === 'FL') shown.push(view.getFloat32(at, little));
    else if (vr === 'FD') shown.push(view.getFloat64(at, little));
    else shown.push(hex(view.getUint16(at, little) * 0x10000 + view.getUint16(at + 2, little)));
  }
  return shown.join('\\');
}

const hex = (tag: number) => tag.toString(16).toUpperCase().padStart(8, '0');

function nameOf(tag: number): string {
  const digits = hex(tag);
  const name = dictionary[digits];
  return `(${digits.slice(0, 4)},${digits.slice(4)})${name === undefined ? '' : ` ${name}`}`;
}
