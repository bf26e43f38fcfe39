import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseConfig, type Config } from '@vigie/schemas';
import type { Signal } from '@vigie/schemas/facts/signal';
import { buildAuditMessage, type AuditMessage } from '@vigie/schemas/audit-message';
import {
  createReader,
  createWriter,
  StoreEnvironment,
  storeAddress,
  type ClickHouseClient
} from '@vigie/store';
import { CommandError } from './command.ts';

/** Flags that every command takes. */
export const placeFlags = { data: { type: 'string' }, config: { type: 'string' } } as const;

/** The installation a command works on. Everything is read when it is first needed. */
export interface Place {
  readonly dataFolder: string;
  readonly keysFolder: string;
  readonly environment: StoreEnvironment;
  /** @throws {CommandError} when vigie.yaml cannot be read */
  group(): Config;
  /** The same as text, for a thread that parses it itself. @throws {CommandError} when it cannot be read */
  groupText(): {
    readonly configText: string;
    readonly configFile: string;
    readonly configVariables: Readonly<Record<string, string | undefined>>;
  };
  /** Text of a file of the keys folder, or of another one that was told, trimmed. @throws {CommandError} naming it */
  key(name: string, elsewhere?: string): string;
  /** A client that only reads, within caps. Close it. */
  reader(): ClickHouseClient;
  /** A client that may insert and remove. Close it. */
  writer(): ClickHouseClient;
  /** Writes an act into Vigie's own log. @returns its id @throws {CommandError} when the collector does not take it */
  record(message: AuditMessage): Promise<string>;
  /** Tells a state that needs a look, or no longer does. @throws {CommandError} when the collector does not take it */
  signal(signal: Signal): Promise<void>;
  /** Asks the collector of its forward queues (forward/routes.ts of the collector). @throws {CommandError} when it does not answer */
  forwarding(path: string, asked?: object): Promise<unknown>;
}

type Own = (
  path: string,
  what: string,
  sent?: { readonly body: string | Buffer; readonly type: string }
) => Promise<Response>;
const unwritten = "the act cannot be written to Vigie's own log";

/** The installation that flags and VIGIE_* variables name. @throws {CommandError} */
export function placeOf(
  flags: { readonly data?: string | undefined; readonly config?: string | undefined },
  variables: NodeJS.ProcessEnv = process.env
): Place {
  const parsed = StoreEnvironment.safeParse({
    ...variables,
    ...(flags.data !== undefined && { VIGIE_DATA: flags.data })
  });
  if (!parsed.success) throw new CommandError(parsed.error.issues.map(({ message }) => message).join('; '));
  const environment = parsed.data;
  const dataFolder = resolve(environment.VIGIE_DATA);
  const keysFolder = join(dataFolder, 'keys');
  const read = (file: string, mend: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new CommandError(`${file} cannot be read (${reason}): ${mend}`);
    }
  };
  const address = (role: 'reader' | 'writer') => {
    try {
      return storeAddress(environment, role);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandError(`${reason}: name the data folder with --data, or set CLICKHOUSE_URL`);
    }
  };
  const own: Own = async (path, what, sent) => {
    const port = variables['VIGIE_COLLECTOR_PORT'] ?? place.group().receivers.http.port;
    const url = variables['VIGIE_COLLECTOR_URL'] ?? `http://127.0.0.1:${port}`;
    let response: Response;
    try {
      response = await fetch(`${url}/v1/own${path}`, {
        ...(sent && { method: 'POST', body: sent.body }),
        headers: {
          authorization: `Bearer ${place.key('own.key')}`,
          ...(sent && { 'content-type': sent.type })
        },
        signal: AbortSignal.timeout(path === '' ? 5000 : 60_000)
      });
    } catch {
      throw new CommandError(
        `The collector does not answer at ${url}, so ${what}: start it, or set VIGIE_COLLECTOR_PORT.`
      );
    }
    if (!response.ok) throw new CommandError(`The collector refused (${response.status}), so ${what}.`);
    return response;
  };
  const place: Place = {
    dataFolder,
    keysFolder,
    environment,
    group() {
      const { configText, configFile, configVariables } = place.groupText();
      return parseConfig(configText, configFile, configVariables);
    },
    groupText() {
      const configFile = flags.config ?? variables['VIGIE_CONFIG'] ?? './vigie.yaml';
      const configVariables = Object.fromEntries(
        Object.entries(variables).filter(([name]) => name.startsWith('VIGIE_'))
      );
      return { configText: read(configFile, 'name it with --config'), configFile, configVariables };
    },
    key: (name, elsewhere) =>
      read(elsewhere ?? join(keysFolder, name), 'it is needed here; name the data folder with --data').trim(),
    reader: () => createReader(address('reader'), 'vigie'),
    writer: () => createWriter(address('writer')),
    async record(message) {
      const response = await own('', unwritten, {
        body: buildAuditMessage(message),
        type: 'application/xml'
      });
      return ((await response.json()) as { id: string }).id;
    },
    async signal(signal) {
      await own('', unwritten, { body: JSON.stringify(signal), type: 'application/json' });
    },
    async forwarding(path, asked) {
      const sent = asked && { body: JSON.stringify(asked), type: 'application/json' };
      const response = await own(
        `/forwarding/${path}`,
        'what waits for other repositories is not reached',
        sent
      );
      return response.json();
    }
  };
  return place;
}
