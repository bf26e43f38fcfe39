import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReader, createWriter, type ClickHouseClient, type StoreAddress } from '@vigie/store';
import { migrate } from '@vigie/store/migrate/migrate';
import { createKeys } from '../keys.ts';
import { startProcess, type TestProcess } from './process.ts';

/** The real embedded engine in a data folder of its own. */
export interface TestEngine {
  readonly dataFolder: string;
  readonly url: string;
  readonly port: number;
  readonly writerAddress: StoreAddress;
  readonly readerAddress: StoreAddress;
  readonly writer: ClickHouseClient;
  readonly reader: ClickHouseClient;
  readonly process: TestProcess;
  /** One HTTP request with the role's token; `path` is what follows the address, such as `?query=…`. */
  ask(
    role: 'writer' | 'reader',
    path: string,
    init?: RequestInit
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>;
  /** Anonymous memory of the process now, in bytes. */
  anonymousBytes(): number;
  /** Rows of a query, as the writer sees them. */
  rows<T>(query: string, params?: Record<string, unknown>): Promise<T[]>;
  kill9(): Promise<void>;
  /** Starts again on the same port and folder. */
  restart(): Promise<void>;
  /** Stops and removes the data folder, unless it was given. */
  stop(): Promise<void>;
}

/**
 * Starts the engine process on a free port of loopback.
 * @param options.dataFolder use (and keep) this folder instead of a temporary one
 * @param options.migrate bring the schema up to date first; true unless told otherwise
 * @param options.env more VIGIE_* variables
 */
export async function startTestEngine(
  options: {
    readonly dataFolder?: string;
    readonly migrate?: boolean;
    readonly env?: Readonly<Record<string, string>>;
  } = {}
): Promise<TestEngine> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'vigie-test-'));
  createKeys(dataFolder);
  const start = (port: number) =>
    startProcess('store/src/engine/serve.ts', {
      env: { VIGIE_DATA: dataFolder, VIGIE_ENGINE_PORT: String(port), ...options.env }
    });
  let current = await start(0);
  const url = String(current.ready['url']);
  const port = Number(new URL(url).port);
  const token = (role: string) =>
    readFileSync(join(dataFolder, 'keys', `engine-${role}.token`), 'utf8').trim();
  const writerAddress = { url, username: 'writer', password: token('writer') };
  const readerAddress = { url, username: 'reader', password: token('reader') };
  const writer = createWriter(writerAddress);
  const reader = createReader(readerAddress, 'test');
  if (options.migrate ?? true) await migrate(writer);
  return {
    dataFolder,
    url,
    port,
    writerAddress,
    readerAddress,
    writer,
    reader,
    get process() {
      return current;
    },
    async ask(role, path, init = {}) {
      const { username, password } = role === 'writer' ? writerAddress : readerAddress;
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      const response = await fetch(`${url}/${path}`, {
        ...init,
        headers: { authorization, ...(init.headers as Record<string, string> | undefined) }
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    anonymousBytes() {
      const status = readFileSync(`/proc/${current.child.pid}/status`, 'utf8');
      return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    async rows<T>(query: string, params: Record<string, unknown> = {}) {
      const result = await writer.query({ query, query_params: params, format: 'JSONEachRow' });
      return result.json<T>();
    },
    kill9: () => current.kill9(),
    async restart() {
      await current.stop();
      current = await start(port);
    },
    async stop() {
      await Promise.all([writer.close(), reader.close()]);
      await current.stop();
      if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true });
    }
  };
}
