import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { storing } from '../testkit/dicom-talk.ts';
import { tsharkArguments } from '../testkit/live-capture.ts';
import { conversation, pcapPieces, type Packet } from '../testkit/packets.ts';
import { root } from '../testkit/process.ts';
import { cpuSeconds } from './process-cost.ts';
import { median, rounded, type BenchOptions, type BenchResult } from './figures.ts';

/** A CT slice of 512 × 512 at 16 bits. */
const objectBytes = 526_000;
const associations = 8;
const objectsOfEach = 64;
const longObjects = 4000;
const bytes = associations * objectsOfEach * objectBytes;

/**
 * The passive sensor over a capture at MTU 1500 of eight associations at the same time, as one process on one core, from its
 * start to its end; then over one association of 2 GB by standard input, for its memory. Against tshark reading the fields that
 * the same counts need from the same file, on one core.
 */
export default async function run(
  progress: (sentence: string) => void,
  { runs }: BenchOptions
): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'));
  try {
    const file = join(folder, 'capture.pcap');
    progress(`sensor: writing ${Math.round(bytes / 1e6)} MB of DICOM in packets of 1,500 bytes`);
    await pipeline(Readable.from(chunks(pcapPieces(together()))), createWriteStream(file));
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    const tshark = present('tshark');
    if (!tshark) progress('sensor: tshark is not installed, so nothing is measured against it');
    for (let n = 1; n <= runs; n++) {
      ours.push(await measureSensor(['--read', file], associations * objectsOfEach));
      progress(`sensor: run ${n} of ${runs}: ${Math.round(bytes / 1e6 / ours.at(-1)!.seconds)} MB/s`);
      if (!tshark) continue;
      theirs.push(await measure('tshark', tsharkArguments(file, [104])));
      progress(`sensor: tshark: ${Math.round(bytes / 1e6 / theirs.at(-1)!.seconds)} MB/s`);
    }
    progress(`sensor: one association of ${rounded((longObjects * objectBytes) / 1e9)} GB`);
    const long = await measureSensor(['--read', '-'], longObjects, (to) =>
      pipeline(Readable.from(chunks(pcapPieces(one(0, longObjects)))), to)
    );
    const mbPerS = (all: readonly Measured[]) =>
      rounded(median(all.map(({ seconds }) => bytes / 1e6 / seconds)));
    const cpuPerGb = (all: readonly Measured[]) =>
      rounded(median(all.map(({ cpuS }) => cpuS / (bytes / 1e9))));
    const peak = (all: readonly Measured[]) => Math.max(...all.map(({ peakMb }) => peakMb));
    return {
      bench: 'sensor',
      cores: availableParallelism(),
      figures: {
        mb_per_s: mbPerS(ours),
        cpu_s_per_gb: cpuPerGb(ours),
        peak_mb: rounded(Math.max(peak(ours), long.peakMb)),
        peak_mb_of_long_association: rounded(long.peakMb),
        dicom_mb: Math.round(bytes / 1e6),
        long_association_mb: Math.round((longObjects * objectBytes) / 1e6)
      },
      against: tshark
        ? {
            tshark: {
              mb_per_s: mbPerS(theirs),
              cpu_s_per_gb: cpuPerGb(theirs),
              peak_mb: rounded(peak(theirs))
            }
          }
        : {},
      ...(runs !== 3 && { conditions: { runs } })
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const one = (n: number, objects: number) =>
  conversation(storing({ calling: `CT${n}`, objects, objectBytes }), {
    client: { address: Buffer.from([10, 10, 7, n + 1]), port: 50_001 },
    stepMs: 0.02
  });

/** Associations whose packets alternate. */
function* together(): Generator<Packet> {
  let running = Array.from({ length: associations }, (_, n) => one(n, objectsOfEach));
  while (running.length > 0)
    for (const each of running) {
      const { value, done } = each.next();
      if (done) running = running.filter((other) => other !== each);
      else yield value;
    }
}

/** Pieces joined to chunks that are worth a write. */
function* chunks(pieces: Iterable<Buffer>): Generator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    if (length < 262_144) continue;
    yield Buffer.concat(held);
    [held, length] = [[], 0];
  }
  yield Buffer.concat(held);
}

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
  /** CPU time of it, to 20 ms. */
  readonly cpuS: number;
  readonly output: string;
}

async function measureSensor(
  args: readonly string[],
  objects: number,
  feed?: (to: Writable) => Promise<void>
): Promise<Measured> {
  const script = 'collector/src/sensor/main.ts';
  const measured = await measure(process.execPath, [script, ...args, '--ports', '104', '--print'], feed);
  const records = measured.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>);
  const sum = (field: string) => records.reduce((total, record) => total + (record[field] ?? 0), 0);
  if (sum('instances') !== objects || sum('bytes') !== objects * objectBytes)
    throw new Error(
      `the sensor told ${sum('instances')} objects and ${sum('bytes')} bytes: the run says nothing.`
    );
  return measured;
}

/** Runs a program on one core. */
async function measure(
  program: string,
  args: readonly string[],
  feed?: (to: Writable) => Promise<void>
): Promise<Measured> {
  const pinned = present('taskset') ? ['taskset', '-c', '0', program] : [program];
  const started = performance.now();
  const child = spawn(pinned[0]!, [...pinned.slice(1), ...args], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'ignore']
  });
  let output = '';
  let [peakMb, cpuS] = [0, 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-1_000_000)));
  const look = setInterval(() => {
    if (child.pid === undefined || child.exitCode !== null) return;
    peakMb = Math.max(peakMb, highestMb(child.pid));
    cpuS = Math.max(cpuS, cpuOf(child.pid));
  }, 20);
  try {
    const gone = once(child, 'close');
    if (feed) await feed(child.stdin);
    else child.stdin.end();
    const [code] = (await gone) as [number];
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
    return { seconds: (performance.now() - started) / 1000, peakMb, cpuS, output };
  } finally {
    clearInterval(look);
  }
}

/** Highest resident memory of a process so far, as the kernel keeps it. */
function highestMb(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

function cpuOf(pid: number): number {
  try {
    return cpuSeconds(pid);
  } catch {
    return 0;
  }
}

function present(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
