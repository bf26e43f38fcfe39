import { once } from 'node:events';
import { createConnection } from 'node:net';
import { eventually } from './eventually.ts';

export { freePort } from '../start/ports.ts';

/** Resolves once something accepts connections on a port of this machine. @throws after 30 seconds */
export async function accepting(port: number): Promise<void> {
  await eventually(async () => {
    const socket = createConnection(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    return true;
  });
}
