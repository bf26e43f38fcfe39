import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDicom } from './dicom.ts';
import type { Served } from './listening.ts';

let served: Served;
beforeAll(async () => {
  served = await serveDicom(0, (ae) => (ae === 'VNA' ? 'up' : ae === 'PULSY' ? 'down' : undefined));
});
afterAll(() => served.close());

/** Sends bytes, and takes what comes back until the peer ends or has been silent for a while. */
async function exchange(...parts: readonly Buffer[]): Promise<Buffer> {
  const socket = createConnection({ host: '127.0.0.1', port: served.port });
  await once(socket, 'connect');
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => (received = Buffer.concat([received, chunk]))).on('error', () => undefined);
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await Promise.race([
    once(socket, 'close').catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, 300))
  ]);
  socket.destroy();
  return received;
}

const associate = (called: string, rest = Buffer.alloc(0)) => {
  const body = Buffer.alloc(68, ' ');
  body.writeUInt16BE(1, 0);
  body.write(called.padEnd(16), 4, 'latin1');
  const head = Buffer.from([1, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(68 + rest.length, 2);
  return Buffer.concat([head, body, rest]);
};

test('an association is accepted, rejected for an unknown title, and left without answer while the system is down', async () => {
  expect((await exchange(associate('VNA')))[0]).toBe(2);
  expect([...(await exchange(associate('NOBODY')))]).toEqual([3, 0, 0, 0, 0, 4, 0, 1, 1, 7]);
  expect(await exchange(associate('PULSY'))).toHaveLength(0);
});

test('a request that comes in pieces is put together', async () => {
  const whole = associate('VNA');
  expect((await exchange(whole.subarray(0, 3), whole.subarray(3, 40), whole.subarray(40)))[0]).toBe(2);
});

test('what is not DICOM ends its own connection and no other', async () => {
  for (const noise of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([1, 0, 0, 0, 0, 2, 9, 9]),
    Buffer.from([4, 0, 0, 0, 0, 1, 9]),
    Buffer.from([4, 0, 0, 0, 0, 14, 0, 0, 0, 10, 1, 3, 0, 0, 0x10, 1, 2, 0, 0, 0]),
    Buffer.from([9, 0, 0, 0, 0, 0]),
    Buffer.concat([
      associate('VNA', Buffer.from([0x20, 0, 0, 200, 5])),
      Buffer.from([5, 0, 0, 0, 0, 4, 0, 0, 0, 0])
    ]),
    Buffer.alloc(200_000, 0xff)
  ])
    await exchange(noise);
  expect((await exchange(associate('VNA')))[0]).toBe(2);
});
