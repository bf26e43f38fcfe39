import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Engine } from './engine.ts';
import { EngineError, engineError } from './error.ts';
import { readRequest, type Role } from './request.ts';

/** ClickHouse's own limit of an address (http_max_uri_size): bound parameters travel in it. */
const maxHeaderSize = 1024 * 1024;
const maxConnections = 512;
/** How long a body that nobody wants is still read. */
const lingerMs = 5000;

/**
 * The part of ClickHouse's HTTP interface that clients use: `/` and `/ping`, codes and headers of errors.
 * @returns a server that the caller binds to loopback
 */
export function engineServer(engine: Engine, tokens: Readonly<Record<Role, string>>): Server {
  const server = createServer({ maxHeaderSize, keepAliveTimeout: 10_000 }, (request, response) => {
    void serve(engine, tokens, request, response);
  });
  server.maxConnections = maxConnections;
  return server;
}

async function serve(
  engine: Engine,
  tokens: Readonly<Record<Role, string>>,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const [path, search = ''] = (request.url ?? '/').split('?', 2);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (reads && (path === '/ping' || (path === '/' && !/(?:^|&)query=/.test(search)))) {
    response.writeHead(200, { 'content-type': 'text/html; charset=UTF-8' }).end('Ok.\n');
    return;
  }
  try {
    if (path !== '/') throw new EngineError(48, 'NOT_IMPLEMENTED', 'Only / and /ping are served');
    if (!reads && request.method !== 'POST')
      throw new EngineError(48, 'NOT_IMPLEMENTED', `Method ${request.method ?? ''} is not served`);
    const asked = readRequest(request, tokens, randomUUID);
    response.setHeader('X-ClickHouse-Server-Display-Name', 'vigie-embedded');
    response.setHeader('X-ClickHouse-Query-Id', asked.queryId.replaceAll(/[^\x20-\x7e]/g, '?'));
    response.setHeader('X-ClickHouse-Timezone', 'UTC');
    await engine.serve(asked, request, response);
  } catch (thrown) {
    fail(request, response, engineError(thrown));
  }
}

function fail(request: IncomingMessage, response: ServerResponse, error: EngineError): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const unread = !request.complete;
  if (unread) {
    // Read and dropped for a while, since many clients read the answer only after they sent everything.
    request.unpipe();
    request.resume();
    setTimeout(() => request.destroy(), lingerMs).unref();
  }
  response
    .writeHead(error.status, {
      'X-ClickHouse-Exception-Code': String(error.code),
      'content-type': 'text/plain; charset=UTF-8',
      ...(unread && { connection: 'close' }),
      ...(error.code === 516 && { 'www-authenticate': 'Basic realm="ClickHouse"' }),
      ...(error.code === 202 && { 'retry-after': '1' })
    })
    .end(`${error.message}\n`);
}
