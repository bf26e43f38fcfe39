import { parseArgs } from 'node:util';
import type { BenchOptions, BenchResult } from './figures.ts';

type Bench = (progress: (sentence: string) => void, options: BenchOptions) => Promise<BenchResult>;

const benches: Readonly<Record<string, () => Promise<{ default: Bench }>>> = {
  boards: () => import('./boards/boards.ts'),
  disk: () => import('./disk.ts'),
  explorer: () => import('./explorer/explorer.ts'),
  hl7: () => import('./hl7/hl7.ts'),
  ingest: () => import('./ingest/ingest.ts'),
  pages: () => import('./pages.ts'),
  sensor: () => import('./sensor.ts'),
  start: () => import('./start.ts'),
  verify: () => import('./verify.ts')
};

const help = `npm run bench -- <${Object.keys(benches).join('|')}> [flags]

Measures this machine: progress on stderr, one JSON object on stdout.

  boards          every board over a year, at 1 and 10 times the demonstration's size
  disk            what a message of 3 kB takes with all that is kept of it, by table
  explorer        pages over a year of 20 million events, made straight in the engine
  hl7             messages of a RIS over MLLP, pipelined, the collector on one core: answered, and stored, a second
  ingest          audit messages over TCP to stored rows, and how soon they are visible
  pages           every page with 90 simulated days behind it
  sensor          DICOM from packets at MTU 1500 on one core, and memory of a long association; against tshark
  start           from a clone to the console, to data on every page, and memory after ten minutes
  verify          evidence of 3 kB messages, level 1 and level 2: records a second
  --against NAME  ingest: measures other software the same way, in turn: syslog-ng
  --events N      explorer: events of the year (20000000)
  --times N       boards: the larger group, in demonstrations (10)
  --data FOLDER   boards, disk, explorer: filled once and kept, so that another run is quick
  --runs N        runs of which the median is told (3)
  --days N        simulated days behind the pages (90)
  --minutes N     minutes before memory is read (10)
`;

function positive(text: string, flag: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${flag} must be a whole number from 1`);
  return value;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '3' },
      days: { type: 'string', default: '90' },
      minutes: { type: 'string', default: '10' },
      against: { type: 'string' },
      events: { type: 'string', default: '20000000' },
      times: { type: 'string', default: '10' },
      data: { type: 'string' },
      help: { type: 'boolean' }
    }
  });
  const [name = ''] = positionals;
  const bench = benches[name];
  if (values.help || bench === undefined) {
    (values.help ? process.stdout : process.stderr).write(help);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  const { against } = values;
  if (against !== undefined && !(name === 'ingest' && against === 'syslog-ng'))
    throw new Error('--against goes with ingest, and knows syslog-ng.');
  const options = {
    against,
    runs: positive(values.runs, 'runs'),
    days: positive(values.days, 'days'),
    minutes: positive(values.minutes, 'minutes'),
    events: positive(values.events, 'events'),
    times: positive(values.times, 'times'),
    data: values.data
  };
  const { default: run } = await bench();
  const result = await run((sentence) => process.stderr.write(`${sentence}\n`), options);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
