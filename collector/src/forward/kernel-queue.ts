import { readFile } from 'node:fs/promises';

/**
 * Bytes of a TCP connection that the other side's kernel has not acknowledged yet, as Linux tells in /proc/net/tcp and tcp6;
 * undefined where it does not say.
 */
export async function unacknowledged(localPort: number, remotePort: number): Promise<number | undefined> {
  const hex = (port: number) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const table = await readFile(file, 'utf8').catch(() => '');
    for (const line of table.split('\n')) {
      const [, local, remote, , queues] = line.trim().split(/\s+/);
      if (!local?.endsWith(hex(localPort)) || !remote?.endsWith(hex(remotePort))) continue;
      return Number.parseInt(queues?.split(':')[0] ?? '0', 16);
    }
  }
  return undefined;
}
