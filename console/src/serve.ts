import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { consoleConfig, type ConsoleConfig } from './lib/server/config.ts';
import { isLocal, setFrontHeaders, setProgramHeaders } from './lib/server/front.ts';
import { ownAudit } from './lib/server/own-audit/own-audit.ts';
import { tellLife } from './lib/server/own-audit/process-life.ts';
import { openConsoleDatabase } from './lib/server/session/database.ts';
import { lastConfiguration } from './lib/server/session/last-configuration.ts';
import { setKitEnvironment } from './lib/server/kit-environment.config.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const giveUp = (code: number, sentence: string): never => {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
};

function read(): ConsoleConfig {
  try {
    return consoleConfig();
  } catch (error) {
    return giveUp(1, error instanceof Error ? error.message : String(error));
  }
}

const config = read();
setKitEnvironment();
const built = new URL('../build/handler.js', import.meta.url);
const { handler } = (await import(built.href).catch((error: unknown) =>
  giveUp(
    1,
    `The console is not built (run npm start, or vite build in console/): ${error instanceof Error ? error.message : String(error)}`
  )
)) as { handler: Handler };

const registry = new Registry();
collectDefaultMetrics({ register: registry });
const durations = new Histogram({
  name: 'vigie_console_request_seconds',
  help: 'Time to answer, by method and status class',
  labelNames: ['method', 'status'] as const,
  buckets: [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5],
  registers: [registry]
});

const server = createServer((request, response) => {
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/healthz') return void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  // Scraped from the machine itself: elsewhere a proxy decides who may.
  if (path === '/metrics' && isLocal(request.headers, request.socket.remoteAddress)) {
    return void registry
      .metrics()
      .then((text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text));
  }
  const stop = durations.startTimer({ method: request.method ?? 'GET' });
  const started = performance.now();
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((...args: Parameters<typeof writeHead>) => {
    if (!response.headersSent)
      response.setHeader('server-timing', `total;dur=${(performance.now() - started).toFixed(1)}`);
    return writeHead(...args);
  }) as typeof response.writeHead;
  response.on('finish', () => stop({ status: `${Math.floor(response.statusCode / 100)}xx` }));
  setFrontHeaders(request.headers, request.socket.remoteAddress, config);
  setProgramHeaders(request.headers, path ?? '/');
  handler(request, response);
});
server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE')
    giveUp(2, `Port ${config.port} is in use: choose another with --console-port or VIGIE_CONSOLE_PORT.`);
  giveUp(1, `The console cannot listen: ${error.message}`);
});
server.listen(config.port, config.host);
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(
  `${JSON.stringify({ ready: true, process: 'console', url: `http://${config.host}:${port}` })}\n`
);

const life = tellLife('console', {
  ownAudit: ownAudit(config.collectorUrl, () => config.ownKey()),
  failed: (error) => process.stderr.write(`The start or stop could not be audited yet: ${String(error)}\n`),
  configuration: {
    now: config.digests,
    last: lastConfiguration(openConsoleDatabase(config.dataFolder))
  }
});

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  const told = life.stop();
  server.close(() => void told.then(() => process.exit(0)));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), 3000).unref();
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
