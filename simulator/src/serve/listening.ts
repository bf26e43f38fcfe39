import type { Server } from 'node:net';

export interface Served {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on loopback: what is simulated is nobody else's business.
 * @param cut ends the connections that are open
 * @throws EADDRINUSE
 */
export async function listening(server: Server, port: number, cut: () => void): Promise<Served> {
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  );
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      })
  };
}
