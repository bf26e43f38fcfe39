import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ProbeRecord } from '@vigie/schemas/facts/probe';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { startProbes } from './probe.ts';
import { check } from './probe-check.ts';
import { repeat } from './schedule.ts';

const never = new AbortController().signal;
const open: Server[] = [];

async function serve(server: Server): Promise<number> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const answering = (handle: (socket: Socket) => void) =>
  serve(
    createServer((socket) => {
      socket.on('error', () => {});
      handle(socket);
    })
  );

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const echo = (port: number, timeout = 1) =>
  check(
    {
      kind: 'c-echo',
      id: 'x',
      system: 'pacs',
      host: '127.0.0.1',
      port,
      called_ae: 'PACS',
      calling_ae: 'VIGIE',
      every_seconds: 60,
      timeout_seconds: timeout
    },
    never
  );
const http = (url: string, timeout = 1) =>
  check(
    {
      kind: 'http',
      id: 'x',
      system: 'ris',
      url,
      expect_status: 200,
      every_seconds: 60,
      timeout_seconds: timeout
    },
    never
  );

describe('why a C-ECHO failed', () => {
  test('nobody listens', async () => {
    const port = await answering(() => {});
    const [server] = open.splice(0);
    server?.close();
    expect(await echo(port)).toMatchObject({ success: false, detail: 'refused', latencyMs: undefined });
  });
  test('nobody answers', async () => {
    expect(await echo(await answering(() => {}))).toMatchObject({ detail: 'timeout' });
  });
  test('the connection is closed', async () => {
    expect(await echo(await answering((socket) => socket.on('data', () => socket.destroy())))).toMatchObject({
      detail: 'aborted'
    });
  });
  test('the peer aborts', async () => {
    const abort = Buffer.from([7, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
    expect(await echo(await answering((socket) => socket.write(abort)))).toMatchObject({ detail: 'aborted' });
  });
  test('the peer rejects', async () => {
    const reject = Buffer.from([3, 0, 0, 0, 0, 4, 0, 1, 1, 7]);
    expect(await echo(await answering((socket) => socket.write(reject)))).toMatchObject({
      detail: 'rejected'
    });
  });
  test('the peer speaks no DICOM', async () => {
    expect(
      await echo(await answering((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')))
    ).toMatchObject({
      detail: 'error'
    });
  });
  test('whatever the peer answers, the check ends with a reason', async () => {
    const answers: Buffer[] = [];
    const port = await answering((socket) => socket.end(answers.at(-1) ?? Buffer.alloc(0)));
    const pdu = fc
      .tuple(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 120 }))
      .map(([type, body]) => Buffer.concat([Buffer.from([type, 0, 0, 0, 0, body.length]), body]));
    await fc.assert(
      fc.asyncProperty(fc.array(pdu, { maxLength: 3 }), async (pdus) => {
        answers.push(Buffer.concat(pdus));
        expect(['ok', 'rejected', 'aborted', 'error']).toContain((await echo(port)).detail);
      }),
      { numRuns: 200 }
    );
  });
});

describe('why an HTTP check failed', () => {
  const status = (code: number) =>
    serve(createHttpServer((_, response) => response.writeHead(code, { location: '/elsewhere' }).end('x')));

  test('the expected status is a success with its latency', async () => {
    const result = await http(`http://127.0.0.1:${await status(200)}/`);
    expect(result).toMatchObject({ success: true, detail: 'ok' });
    expect(result.latencyMs).toBeGreaterThanOrEqual(0);
  });
  test('another status, and a redirect, are answers that are not the expected one', async () => {
    expect(await http(`http://127.0.0.1:${await status(503)}/`)).toMatchObject({ detail: 'bad-status' });
    expect(await http(`http://127.0.0.1:${await status(302)}/`)).toMatchObject({ detail: 'bad-status' });
  });
  test('silence, a closed connection, an unknown host and broken TLS each have their name', async () => {
    const hole = await answering(() => {});
    const closer = await answering((socket) => socket.on('data', () => socket.destroy()));
    const plain = await answering((socket) => socket.on('data', () => socket.write('plain')));
    expect(await http(`http://127.0.0.1:${hole}/`)).toMatchObject({ detail: 'timeout' });
    expect(await http(`http://127.0.0.1:${closer}/`)).toMatchObject({ detail: 'aborted' });
    expect(await http('http://host.invalid/')).toMatchObject({ detail: 'unreachable' });
    expect(await http(`https://127.0.0.1:${plain}/`)).toMatchObject({ detail: 'tls' });
  });
});

test('checks run on their schedule and each leaves a record in the spool', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-probe-'));
  const spool = new Spool(
    folder,
    { maxBytes: 1_000_000, reserveBytes: 0 },
    new SharedArrayBuffer(24),
    () => {}
  );
  const port = await serve(createHttpServer((_, response) => response.end('ok')));
  const probes = startProbes(
    [
      {
        kind: 'http',
        id: 'ris-http',
        system: 'ris',
        url: `http://127.0.0.1:${port}/`,
        expect_status: 200,
        every_seconds: 1,
        timeout_seconds: 1
      }
    ],
    { spool, observe: { pulled: () => {}, failed: () => {} } }
  );
  const receptions = () =>
    [...spool.environment.batches.ops.getRange()].flatMap(({ value }) => decodeBatch(value));
  await vi.waitFor(() => expect(receptions().length).toBeGreaterThanOrEqual(2), { timeout: 10_000 });
  await probes.stop();
  expect(receptions()[0]).toMatchObject({
    format: 'probe',
    transport: 'probe',
    source: 'ris',
    peer: '127.0.0.1'
  });
  const record = ProbeRecord.parse(JSON.parse(receptions()[0]?.raw.toString() ?? ''));
  expect(record).toMatchObject({
    probe: 'ris-http',
    system: 'ris',
    kind: 'http',
    success: true,
    detail: 'ok'
  });
  await spool.close();
  rmSync(folder, { recursive: true });
});

describe('the schedule', () => {
  test('never runs a task twice at once, and goes on after a failure', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const failures: string[] = [];
    const schedule = repeat(
      5,
      async () => {
        most = Math.max(most, ++running);
        runs += 1;
        await new Promise((resolve) => setTimeout(resolve, 15));
        running -= 1;
        if (runs === 2) throw new Error('second');
      },
      (error) => failures.push(error.message)
    );
    await vi.waitFor(() => expect(runs).toBeGreaterThan(3));
    await schedule.stop();
    expect([most, failures]).toEqual([1, ['second']]);
  });

  test('stop waits for the running task and starts no other', async () => {
    let ended = 0;
    const schedule = repeat(
      1,
      async (signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        ended += 1;
      },
      () => {},
      () => 0
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    await schedule.stop();
    expect(ended).toBe(1);
  });
});
