import { CommandError, exitCodes, type ExitCode, type Terminal } from './command.ts';
import { commands } from './commands.ts';

/*
 * vigie <command> [flags]: what an operator does to an installation. Results go to stdout, progress and complaints to stderr;
 * the exit code is one of exitCodes.
 */
function help(group?: string): string {
  const shown = Object.entries(commands).filter(
    ([name]) => group === undefined || name.startsWith(`${group} `)
  );
  const width = Math.max(...shown.map(([name]) => name.length)) + 2;
  return `npx vigie <command> [flags]

${shown.map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`).join('\n')}

  --help     after a command: its flags
  --data     data folder (VIGIE_DATA; ./data)
  --config   vigie.yaml (VIGIE_CONFIG; ./vigie.yaml)

Other settings are the variables of npm start: VIGIE_ENGINE_PORT, VIGIE_COLLECTOR_PORT, CLICKHOUSE_URL …
Exit codes: 0 good, 1 something bad was found, 2 wrongly asked, 3 not possible, 130 cancelled.
`;
}

/** The longest name that the words begin with: commands have one word or two. */
function commandOf(words: readonly string[]): { readonly name: string; readonly rest: string[] } | undefined {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    if (words.length >= length && Object.hasOwn(commands, name)) return { name, rest: words.slice(length) };
  }
  return undefined;
}

async function main(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const command = commandOf(words);
  const [first] = words;
  if (!command) {
    const asked = first === undefined || first === '--help' || first === 'help' || words.includes('--help');
    const group = Object.keys(commands).some((name) => name.startsWith(`${first} `)) ? first : undefined;
    if (!asked) terminal.say(`vigie does not know "${words.slice(0, 2).join(' ')}".`);
    (asked ? terminal.out : terminal.say)(help(group));
    return asked ? exitCodes.good : exitCodes.usage;
  }
  const { help: flags, run } = await commands[command.name]!.load();
  if (command.rest.includes('--help')) {
    terminal.out(flags);
    return exitCodes.good;
  }
  return run(command.rest, terminal);
}

const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (cancel.signal.aborted) process.exit(exitCodes.cancelled);
    cancel.abort();
  });
const line = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);
const terminal: Terminal = {
  out: (text) => void process.stdout.write(line(text)),
  say: (text) => void process.stderr.write(line(text)),
  cancelled: cancel.signal
};
try {
  process.exitCode = await main(process.argv.slice(2), terminal);
} catch (error) {
  if (cancel.signal.aborted) process.exitCode = exitCodes.cancelled;
  else {
    terminal.say(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof CommandError ? error.exitCode : exitCodes.failed;
  }
}
