import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { collectorFlags, collectorMemory } from '../start/collector-memory.ts';
import type { TestEngine } from './engine.ts';
import { root, startProcess, type TestProcess } from './process.ts';

const Ports = z.object({
  http: z.number(),
  syslog: z.number(),
  syslogUdp: z.number(),
  syslogTls: z.number().optional(),
  mllp: z.number(),
  httpTls: z.number().optional(),
  mllpTls: z.number().optional()
});

/** The real collector process, storing into a test engine. */
export interface TestCollector {
  readonly ports: z.infer<typeof Ports>;
  readonly url: string;
  readonly process: TestProcess;
  /** Key that vigie.yaml's shipped simulator source is known by. */
  readonly simulatorKey: string;
  readonly ownKey: string;
  kill9(): Promise<void>;
  /** Starts again on the same ports and folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the collector on free ports.
 * @param options.configText vigie.yaml; the shipped one, without its pulls and probes, unless told
 * @param options.env more VIGIE_* variables
 */
export async function startTestCollector(
  engine: TestEngine,
  options: { readonly configText?: string; readonly env?: Record<string, string> } = {}
): Promise<TestCollector> {
  const file = join(engine.dataFolder, 'vigie.yaml');
  writeFileSync(file, options.configText ?? quietConfig());
  const start = (ports?: z.infer<typeof Ports>) =>
    startProcess('collector/src/serve.ts', {
      flags: collectorFlags,
      env: {
        ...collectorMemory,
        VIGIE_CONFIG: file,
        VIGIE_DATA: engine.dataFolder,
        VIGIE_ENGINE_PORT: String(engine.port),
        VIGIE_COLLECTOR_PORT: String(ports?.http ?? 0),
        VIGIE_SYSLOG_PORT: String(ports?.syslog ?? 0),
        VIGIE_SYSLOG_TLS_PORT: String(ports?.syslogTls ?? 0),
        VIGIE_MLLP_PORT: String(ports?.mllp ?? 0),
        LOG_LEVEL: 'warn',
        ...options.env
      }
    });
  let current = await start();
  const ports = Ports.parse(current.ready['ports']);
  const key = (name: string) => readFileSync(join(engine.dataFolder, 'keys', name), 'utf8').trim();
  return {
    ports,
    url: `http://127.0.0.1:${ports.http}`,
    simulatorKey: key('simulator.key'),
    ownKey: key('own.key'),
    get process() {
      return current;
    },
    kill9: () => current.kill9(),
    async restart() {
      await current.stop();
      current = await start(ports);
    },
    async stop() {
      await current.stop();
    }
  };
}

/** The shipped vigie.yaml without what would reach out: pulls and probes. */
export function quietConfig(): string {
  const text = readFileSync(join(root, 'vigie.yaml'), 'utf8');
  const without = (source: string, section: string) =>
    source.replace(new RegExp(`^${section}:\\n(?:[ #].*\\n|\\n(?=[ ]))*`, 'm'), `${section}: []\n`);
  return without(without(without(text, 'pulls'), 'probes'), 'objectives');
}
