import { parseArgs } from 'node:util';
import { soakDiskFull } from './disk-full.ts';
import { soakKills } from './kills.ts';
import { soakOutage } from './outage.ts';

const help = `npm run soak -- <kills|outage|disk-full> [flags]

Puts this checkout through what a year brings: progress on stderr, one JSON object on stdout, exit code 1 with what was wrong.

  kills           collector, engine and console are killed in turn while messages come in
  outage          the engine is away while messages come in
  disk-full       the data folder's disk fills up while messages come in (root, Linux)
  --messages N    kills: 1000000; disk-full: 50000
  --kills N       kills: 20
  --minutes N     outage: 60
  --per-second N  outage: messages a second, 100
`;

function positive(text: string | undefined, flag: string, usual: number): number {
  const value = Number(text ?? usual);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${flag} must be a whole number from 1`);
  return value;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      messages: { type: 'string' },
      kills: { type: 'string' },
      minutes: { type: 'string' },
      'per-second': { type: 'string' },
      help: { type: 'boolean' }
    }
  });
  const progress = (sentence: string) => process.stderr.write(`${sentence}\n`);
  const runs: Readonly<Record<string, () => Promise<unknown>>> = {
    kills: () =>
      soakKills(
        {
          messages: positive(values.messages, 'messages', 1_000_000),
          kills: positive(values.kills, 'kills', 20)
        },
        progress
      ),
    outage: () =>
      soakOutage(
        {
          seconds: 60 * positive(values.minutes, 'minutes', 60),
          perSecond: positive(values['per-second'], 'per-second', 100)
        },
        progress
      ),
    'disk-full': () => soakDiskFull(positive(values.messages, 'messages', 50_000), progress)
  };
  const [name = ''] = positionals;
  const run = runs[name];
  if (values.help || run === undefined) {
    (values.help ? process.stdout : process.stderr).write(help);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  process.stdout.write(`${JSON.stringify({ soak: name, found: await run() })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
