import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { sensorConfig, SensorUsageError, type SensorConfig } from './config.ts';
import { lockSpool } from './report/spool-lock.ts';
import { runSensor } from './run.ts';
import { startTcpdump } from './tcpdump.ts';

/*
 * capture (tcpdump, file or standard input) → packets → TCP streams → associations → records of /v1/transfers → outbox → collector
 */
const say = (sentence: string) => void process.stderr.write(`${sentence}\n`);

/** What was asked for, and the spool for this process alone until it is given back. */
function read(): { readonly config: SensorConfig; readonly release: () => void } {
  try {
    const config = sensorConfig();
    return { config, release: config.print ? () => undefined : lockSpool(config.spool) };
  } catch (error) {
    if (!(error instanceof SensorUsageError)) throw error;
    say(`vigie sensor: ${error.message}. npx vigie sensor --help shows the flags.`);
    process.exit(2);
  }
}

/** What is read, and how to end it. */
function open(config: SensorConfig): { stream: Readable; stop(): void; end(): Promise<number> } {
  if (config.interface !== undefined) {
    const tcpdump = startTcpdump({
      program: config.tcpdump,
      interface: config.interface,
      ports: config.ports,
      bufferKb: 65_536
    });
    let asked = false;
    return {
      stream: tcpdump.stream,
      stop() {
        asked = true;
        tcpdump.stop();
      },
      async end() {
        const { code, dropped, said } = await tcpdump.gone;
        if (!asked || (code !== 0 && code !== null))
          throw new Error(`tcpdump ended (${String(code)}): ${said.trim().split('\n').at(-1) ?? ''}`);
        return dropped;
      }
    };
  }
  const stream =
    config.read === '-' ? process.stdin : createReadStream(config.read ?? '', { highWaterMark: 1_048_576 });
  return { stream, stop: () => void stream.destroy(), end: () => Promise.resolve(0) };
}

const { config, release } = read();
const source = open(config);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => source.stop());
try {
  process.exitCode = await runSensor(config, source, {
    say,
    print: (line) => void process.stdout.write(`${line}\n`)
  });
} catch (error) {
  say(`vigie sensor: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 3;
} finally {
  // Of a capture that is damaged, the rest is of no use.
  source.stop();
  release();
}
