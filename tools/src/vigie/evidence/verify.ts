import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname, userInfo } from 'node:os';
import { storeAddress } from '@vigie/store';
import { Head } from '@vigie/evidence/head/head';
import { readTimeStamp } from '@vigie/evidence/head/time-stamp';
import { keyRingOf, readKeyRing } from '@vigie/evidence/key-ring';
import { sentence } from '@vigie/evidence/verify/finding';
import type { Progress, Report } from '@vigie/evidence/verify/report';
import { verifyEvidence } from '@vigie/evidence/verify/verify';
import { evidenceVerified, operator } from '@vigie/schemas/own-audit';
import { CommandError, exitCodes, readFlags, type Command, type Terminal } from '../command.ts';
import { placeFlags, placeOf, type Place } from '../place.ts';
import { timeOf } from './period.ts';

const help = `npx vigie evidence verify [flags]

Is the log whole? Follows the signed chain of every lane and compares it with what ClickHouse holds today: every row of every table,
every raw object; and what ClickHouse derives (narrow tables, sums) with the rows it is derived from. Names what is missing, altered, added or reordered.

  --level 1|2         1 with the public key alone (default); 2 also opens every message with the vault key
  --from, --to        blocks sealed in a period: 2026-11-01, or a time with zone; the whole chain when left out
  --lane NAME         audit, ops or own; may be repeated
  --head FILE         a head kept elsewhere (vigie evidence head): shows the removal of the newest blocks
  --public-key FILE   public key to believe, in PEM; may be repeated (keys/evidence*.pub)
  --vault-key FILE    private key of the vault, for level 2 (keys/vault.key)
  --jobs N            threads that hash (as many as there are cores, 4 at most)
  --json              the report as one JSON document on stdout

  npx vigie evidence verify --from 2026-11-01 --to 2026-12-01 --head /mnt/heads/2026-12-01.json

Exit codes: 0 whole, 1 something was found, 2 wrongly asked, 3 not possible, 130 cancelled.`;

const flags = {
  ...placeFlags,
  level: { type: 'string', default: '1' },
  from: { type: 'string' },
  to: { type: 'string' },
  lane: { type: 'string', multiple: true },
  head: { type: 'string' },
  'public-key': { type: 'string', multiple: true },
  'vault-key': { type: 'string' },
  jobs: { type: 'string' },
  json: { type: 'boolean', default: false }
} as const;

/** vigie evidence verify. */
const command: Command = {
  help,
  async run(args, terminal) {
    const { values } = readFlags(args, flags);
    if (values.level !== '1' && values.level !== '2')
      throw new CommandError(`--level is "${values.level}": it must be 1 or 2.`, exitCodes.usage);
    const place = placeOf(values);
    const read = (file: string, flag: string) => {
      try {
        return readFileSync(file, 'utf8');
      } catch (error) {
        const reason = (error as NodeJS.ErrnoException).code ?? '';
        throw new CommandError(`--${flag}: ${file} cannot be read (${reason}).`, exitCodes.usage);
      }
    };
    const vaultKey = values.level === '1' ? undefined : place.key('vault.key', values['vault-key']);
    const report = await verifyEvidence({
      store: storeAddress(place.environment, 'reader'),
      ring: values['public-key'] ? keyRingOf(values['public-key']) : readKeyRing(place.keysFolder),
      vaultKey,
      from: timeOf(values.from, 'from'),
      to: timeOf(values.to, 'to'),
      lanes: values.lane,
      head: values.head === undefined ? undefined : headOf(read(values.head, 'head'), values.head, terminal),
      derived: true,
      jobs: jobsOf(values.jobs),
      signal: terminal.cancelled,
      progress: progressLine(terminal.say)
    });
    if (values.json) terminal.out(JSON.stringify(report));
    else for (const line of lines(report)) terminal.out(line);
    await tell(place, report, values.lane, terminal);
    if (report.cancelled) return exitCodes.cancelled;
    return report.good ? exitCodes.good : exitCodes.found;
  }
};
export default command;

/** Written to Vigie's own log, where the console finds it. The result stands also where the collector is not there to take it. */
async function tell(
  place: Place,
  report: Report,
  lanes: readonly string[] | undefined,
  terminal: Terminal
): Promise<void> {
  const { level, chains, found, cancelled, from, to } = report;
  const sum = (of: 'blocks' | 'records') => chains.reduce((total, chain) => total + chain[of], 0);
  const told = { level, blocks: sum('blocks'), records: sum('records'), found, cancelled, lanes, from, to };
  try {
    await place.record(evidenceVerified(operator(userInfo().username, hostname()), Date.now(), told));
  } catch (error) {
    terminal.say(`Not written to Vigie's own log: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function headOf(text: string, file: string, terminal: Terminal): Head {
  const stamp = file.replace(/\.json$/, '.tsr');
  if (stamp !== file && existsSync(stamp)) {
    try {
      const { at } = readTimeStamp(readFileSync(stamp), Buffer.from(text));
      terminal.say(
        `${stamp} tells that this head existed on ${at.toISOString()} (openssl ts -verify checks who says so).`
      );
    } catch (error) {
      throw new CommandError(`--head: ${stamp}: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }
  try {
    return Head.parse(JSON.parse(text));
  } catch {
    throw new CommandError(`--head: ${file} is no head: vigie evidence head writes one.`, exitCodes.usage);
  }
}

function jobsOf(text: string | undefined): number {
  const jobs = text === undefined ? Math.min(4, availableParallelism()) : Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= 16) return jobs;
  throw new CommandError(
    `--jobs is "${text}": it must be a number of threads from 1 to 16.`,
    exitCodes.usage
  );
}

/** At most one line a second, and the last. */
function progressLine(say: (line: string) => void): (progress: Progress) => void {
  let last = 0;
  return ({ blocks, ofBlocks, records, ofRecords, findings }) => {
    if (performance.now() - last < 1000 && records < ofRecords) return;
    last = performance.now();
    const share = ofRecords === 0 ? 100 : Math.floor((records / ofRecords) * 100);
    say(`${share} %: ${blocks} of ${ofBlocks} blocks, ${records} records, ${findings} findings`);
  };
}

function* lines(report: Report): Generator<string> {
  for (const finding of report.findings) yield `FOUND  ${sentence(finding)}`;
  if (report.found > report.findings.length) yield `FOUND  and ${report.found - report.findings.length} more`;
  for (const notice of report.notices)
    yield `note   ${sentence(notice)}${notice.count > 1 ? `, ${notice.count} times` : ''}`;
  for (const { collector, lane, blocks, records, rows, first, last } of report.chains)
    yield `read   ${collector}/${lane}: ${blocks} blocks, ${records} records, ${rows} rows, sequences ${first} to ${last}`;
  const seconds = report.seconds.toFixed(1);
  if (report.cancelled) yield `Cancelled after ${seconds} s: what was read until then is told above.`;
  else if (report.good) yield `Whole at level ${report.level}, in ${seconds} s.`;
  else yield `NOT whole: ${report.found} findings at level ${report.level}, in ${seconds} s.`;
}
