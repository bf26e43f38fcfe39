import { isIPv4, isIPv6 } from 'node:net';

/** An address as a number, with its width in bits. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

interface Entry<T> {
  readonly bits: 32 | 128;
  readonly prefix: number;
  readonly value: bigint;
  readonly owner: T;
}

/** The address alone: no zone, no brackets, IPv4 out of its IPv6 mapping; null when it is no address. */
export function bareAddress(text: string): string | null {
  const told = text.trim();
  if (isIPv4(told)) return told;
  // Most others are names of hosts: without a colon, an address begins with a digit or a bracket.
  if (!told.includes(':') && !/^[\d[]/.test(told)) return null;
  const bare = told
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=[\d.]+$)/i, '');
  return isIPv4(bare) || isIPv6(bare) ? bare : null;
}

/** Networks in CIDR form and who owns them. The narrowest network that holds an address wins. */
export class NetworkTable<T> {
  readonly #entries: Entry<T>[] = [];

  add(cidr: string, owner: T): void {
    const [base = '', length = ''] = cidr.split('/');
    const address = parseAddress(base);
    if (address === null) throw new Error(`"${cidr}" is not a network: write it as "10.10.0.0/16"`);
    const prefix = Number(length);
    const { bits } = address;
    this.#entries.push({ bits, prefix, value: mask(address.value, bits, prefix), owner });
    this.#entries.sort((a, b) => b.prefix - a.prefix);
  }

  find(text: string): T | undefined {
    const address = parseAddress(text);
    if (address === null) return undefined;
    return this.#entries.find(
      ({ bits, prefix, value }) => bits === address.bits && mask(address.value, bits, prefix) === value
    )?.owner;
  }
}

function parseAddress(text: string): Address | null {
  const bare = bareAddress(text);
  if (bare === null) return null;
  if (isIPv4(bare)) return { bits: 32, value: fold(bare.split('.').map(Number), 8) };
  return { bits: 128, value: fold(groups(bare), 16) };
}

/** The eight groups of an IPv6 address; `::` stands for the missing ones, a dotted tail for the last two. */
function groups(text: string): number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    dotted === null
      ? text
      : text.slice(0, dotted.index) +
        [0, 2].map((i) => ((Number(dotted[i + 1]) << 8) | Number(dotted[i + 2])).toString(16)).join(':');
  const [head = '', tail] = plain.split('::');
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = read(head);
  const right = tail === undefined ? [] : read(tail);
  return [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
}

const fold = (parts: readonly number[], width: number) =>
  parts.reduce((value, part) => (value << BigInt(width)) | BigInt(part), 0n);

const mask = (value: bigint, bits: number, prefix: number) => value >> BigInt(bits - prefix);
