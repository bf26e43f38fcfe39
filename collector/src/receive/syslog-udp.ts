import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import type { Reception } from '../reception.ts';
import { oversizeFrame } from './frames.ts';
import { syslogFormat } from './syslog-format.ts';
import type { SyslogDependencies } from './syslog-connection.ts';
import type { Receiver } from './syslog-tcp.ts';

/** Room for a burst: the kernel's default holds about 45 datagrams of 3 kB, and drops the rest without a word. */
const receiveBufferBytes = 8_000_000;

export interface UdpReceiver extends Receiver {
  /** Datagrams the kernel dropped for want of room, as it counts them; undefined where it does not say. */
  kernelDrops(): Promise<number | undefined>;
}

/** Listens for syslog over UDP (RFC 5426): one message a datagram. */
export async function listenSyslogUdp(
  address: { host: string; port: number },
  dependencies: SyslogDependencies
): Promise<UdpReceiver> {
  const { spool, observe, limits } = dependencies;
  const socket = createSocket({
    type: isIPv6(address.host) ? 'udp6' : 'udp4',
    recvBufferSize: receiveBufferBytes
  });
  let batch: Reception[] = [];
  let bytes = 0;
  const flush = async () => {
    const taken = batch;
    const size = bytes;
    batch = [];
    bytes = 0;
    try {
      await spool.append(taken);
      observe.received('udp', taken.length, size);
    } catch {
      // The protocol has no way to push back: what does not fit is lost, and counted.
      for (const { peer } of taken) observe.refused('udp', 'spool-full', peer);
    }
  };
  socket.on('message', (datagram, { address }) => {
    const peer = address.replace(/^::ffff:/, '');
    const receivedAt = Date.now();
    const limit = limits.of('', peer);
    if (limit.waitMs(receivedAt) > 0) {
      // Nothing tells the sender to wait: what is beyond its rate is lost, counted and named.
      observe.limited('udp', limit.name);
      return observe.refused('udp', 'over-rate', peer);
    }
    limit.charge(1, receivedAt);
    if (batch.length === 0) setImmediate(() => void flush());
    const whole = { format: syslogFormat(datagram), transport: 'udp', peer, source: '', receivedAt } as const;
    const frame = datagram.length > limit.maxMessageBytes ? oversizeFrame(datagram) : { raw: datagram };
    batch.push({ ...whole, ...frame });
    bytes += frame.raw.length;
  });
  socket.bind(address.port, address.host);
  await once(socket, 'listening');
  const { port } = socket.address();
  return {
    port,
    async kernelDrops() {
      return dropsOf(port, await readFile('/proc/net/udp', 'utf8').catch(() => ''));
    },
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
      if (batch.length > 0) await flush();
    }
  };
}

/** The last column of the socket's line in /proc/net/udp. */
function dropsOf(port: number, table: string): number | undefined {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const line = table.split('\n').find((one) => one.trim().split(/\s+/)[1]?.endsWith(local));
  const drops = line?.trim().split(/\s+/).at(-1);
  return drops === undefined ? undefined : Number(drops);
}
