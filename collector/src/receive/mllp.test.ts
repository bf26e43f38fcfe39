import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Reception } from '../reception.ts';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { listenMllp, type MllpDependencies } from './mllp.ts';
import { SourceLimits } from './source-limits.ts';
import { MllpSplitter, type MllpFrame } from './mllp-frames.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const order = readFileSync(join(fixtures, 'hl7-orm-ordered/input.hl7'));
const block = (message: Buffer | string) =>
  Buffer.concat([Buffer.from('\x0b'), Buffer.from(message), Buffer.from('\x1c\r')]);
const numbered = (i: number) => order.toString().replace('|M0001|', `|M${i}|`);

const file = join(fixtures, 'vigie.yaml');
const group = parseConfig(readFileSync(file, 'utf8'), file);
const limited = (bytes: number, perSecond?: number) => ({
  ...group,
  receivers: { ...group.receivers, max_message_bytes: bytes, max_messages_per_second: perSecond }
});

describe('framing', () => {
  function split(stream: Buffer, cuts: readonly number[], cap = 1_000_000): MllpFrame[] {
    const splitter = new MllpSplitter(cap);
    const frames: MllpFrame[] = [];
    let from = 0;
    for (const cut of [...cuts, stream.length].sort((a, b) => a - b)) {
      frames.push(...splitter.push(stream.subarray(from, cut)));
      from = cut;
    }
    return [...frames, ...splitter.end()];
  }

  test('chunks cut anywhere give the same messages', () => {
    const message = fc
      .uint8Array({ maxLength: 60 })
      .map((bytes) => Buffer.from(bytes.filter((b) => b !== 0x0b && b !== 0x1c)));
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc.array(fc.nat(600), { maxLength: 20 }),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.map(block));
          const frames = split(
            stream,
            cuts.filter((cut) => cut <= stream.length)
          );
          expect(frames.map(({ raw }) => raw.toString('hex'))).toEqual(
            messages.map((one) => one.toString('hex'))
          );
          expect(frames.every(({ framed }) => framed)).toBe(true);
        }
      ),
      { numRuns: 500 }
    );
  });

  test('any bytes come out once, in order, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(300), { maxLength: 10 }),
        (bytes, cuts) => {
          const stream = Buffer.from(bytes);
          const whole = split(stream, []);
          expect(
            split(
              stream,
              cuts.filter((cut) => cut <= stream.length)
            )
          ).toEqual(whole);
        }
      ),
      { numRuns: 500 }
    );
  });

  test('beyond the cap the head is kept and the whole is hashed', () => {
    const [frame, next] = split(Buffer.concat([block('x'.repeat(5000)), block('MSH')]), [100, 2000], 1000);
    expect(frame?.oversize?.bytes).toBe(5000);
    expect(frame?.raw.length).toBeLessThanOrEqual(5000);
    expect(next).toEqual({ raw: Buffer.from('MSH'), framed: true });
  });
});

describe('over a socket', () => {
  let folder: string;
  let spool: Spool;
  let receiver: Awaited<ReturnType<typeof listenMllp>>;
  let refused: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-mllp-'));
    spool = new Spool(folder, { maxBytes: 50_000_000, reserveBytes: 0 }, new SharedArrayBuffer(24), () => {});
    refused = [];
  });
  afterEach(async () => {
    await receiver.close();
    await spool.close();
    rmSync(folder, { recursive: true });
  });

  async function listen(more: Partial<MllpDependencies> = {}) {
    receiver = await listenMllp(
      { host: '127.0.0.1', port: 0 },
      {
        spool,
        collector: 'c1',
        limits: new SourceLimits(limited(100_000), {
          systemById: () => undefined,
          systemByNetwork: () => undefined
        }),
        maxConnections: 10,
        observe: {
          received: () => {},
          connection: () => {},
          refused: (_, reason) => refused.push(reason),
          limited: (_, sender) => refused.push(`limited ${sender}`)
        },
        ...more
      }
    );
  }

  /** Sends, closes its side, and returns the answers as text. */
  async function exchange(bytes: Buffer): Promise<string[]> {
    const socket = connect(receiver.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.end(bytes);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString('latin1').split('\x1c\r').slice(0, -1);
  }

  const spooled = (): Reception[] =>
    [...spool.environment.batches.ops.getRange()].flatMap(({ value }) => decodeBatch(value));

  test('pipelined messages are acknowledged one by one, in order, under their control ids', async () => {
    await listen();
    const answers = await exchange(Buffer.concat(Array.from({ length: 500 }, (_, i) => block(numbered(i)))));
    expect(answers).toHaveLength(500);
    answers.forEach((answer, i) => expect(answer).toContain(`\rMSA|AA|M${i}\r`));
    expect(answers[0]).toMatch(
      /^\x0bMSH\|\^~\\&\|ENGINE\|GHT\|RIS\|NORD\|\d{14}\+0000\|\|ACK\^O01\^ACK\|c1-ops-1\|P\|2\.5\.1\|{6}UNICODE UTF-8\r/
    );
    expect(spooled().map(({ raw }) => raw.toString())).toEqual(
      Array.from({ length: 500 }, (_, i) => numbered(i))
    );
  });

  test('a message is acknowledged even when it cannot be decoded, since it is kept', async () => {
    await listen();
    const [answer] = await exchange(block('MSH|^~\\&|X|Y|||20261124||MFN^M02|7|P|2.5\rMFI|1\r'));
    expect(answer).toContain('\rMSA|AA|7\r');
    expect(spooled()).toHaveLength(1);
  });

  test('a block without MSH is answered AR with an error segment, and kept', async () => {
    await listen();
    const [answer] = await exchange(block('GET / HTTP/1.1\r\n'));
    expect(answer).toContain('\rMSA|AR\rERR|||101^Required field missing');
    expect(spooled().map(({ raw }) => raw.toString())).toEqual(['GET / HTTP/1.1\r\n']);
    expect(refused).toContain('no-msh');
  });

  test('a message beyond the cap is answered AR and its head kept', async () => {
    await listen();
    const [answer, next] = await exchange(
      Buffer.concat([block(numbered(1) + 'x'.repeat(300_000)), block(numbered(2))])
    );
    expect(answer).toContain('MSA|AR|M1');
    expect(next).toContain('MSA|AA|M2');
    expect(spooled()[0]?.oversize?.bytes).toBeGreaterThan(300_000);
  });

  test('bytes outside blocks are kept without an answer, and do not disturb what follows', async () => {
    await listen();
    const answers = await exchange(
      Buffer.concat([Buffer.from('MSH|no block'), block(numbered(1)), Buffer.from('\r\n')])
    );
    expect(answers).toHaveLength(1);
    expect(spooled().map(({ raw }) => raw.toString('latin1').slice(0, 12))).toEqual([
      'MSH|no block',
      'MSH|^~\\&|RIS'
    ]);
  });

  test('other delimiters and Latin-1 names come back as they were sent', async () => {
    await listen();
    const message = Buffer.from(
      'MSH:^~!@:R\xc9S:H\xf4pital:E:G:20261124080500::ORM^O01:42:T:2.3::::::8859/1\rORC:NW\r',
      'latin1'
    );
    const [answer] = await exchange(block(message));
    expect(answer).toContain('MSH:^~!@:E:G:R\xc9S:H\xf4pital:');
    expect(answer).toContain(':ACK^O01^ACK:c1-ops-1:T:2.3::::::8859/1\rMSA:AA:42\r');
  });

  test('while the spool is full nothing is acknowledged, and afterwards everything is', async () => {
    let full = true;
    let release = () => {};
    const room = new Promise<void>((resolve) => (release = resolve));
    await listen({
      spool: {
        closed: false,
        append: (receptions, options) =>
          full ? Promise.reject(new Error('spool-full')) : spool.append(receptions, options),
        room: () => room
      }
    });
    const answers = exchange(Buffer.concat([block(numbered(1)), block(numbered(2))]));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(spooled()).toHaveLength(0);
    full = false;
    release();
    expect((await answers).map((answer) => /MSA\|AA\|(M\d)/.exec(answer)?.[1])).toEqual(['M1', 'M2']);
  });

  test('a sender beyond its rate is read later: every message is answered, none is lost', async () => {
    const nobody = { systemById: () => undefined, systemByNetwork: () => undefined };
    await listen({ limits: new SourceLimits(limited(100_000, 20), nobody) });
    const answers = await exchange(Buffer.concat(Array.from({ length: 60 }, (_, i) => block(numbered(i)))));
    expect(answers).toHaveLength(60);
    expect(spooled()).toHaveLength(60);
    expect(refused).toContain('limited 127.0.0.1');
  });
});
