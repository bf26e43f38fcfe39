import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { applyReplay } from '@vigie/custody/replay/apply';
import { replayBlock, type Redecode, type Redecoded } from '@vigie/custody/replay/replay-block';
import { blocksToReplay, type ReplaySelection } from '@vigie/custody/replay/selection';
import { ReplaySummary } from '@vigie/custody/replay/summary';
import { CommandError, exitCodes, readFlags, type Command, type Terminal } from './command.ts';
import { deedFlags, deedHelp, runDeed } from './deed.ts';
import { placeFlags, placeOf, type Place } from './place.ts';
import { vaultKey } from './vault/key.ts';

const flags = {
  lane: { type: 'string', default: 'audit' },
  from: { type: 'string' },
  to: { type: 'string' },
  source: { type: 'string' },
  quarantine: { type: 'boolean', default: false }
} as const;

function instant(text: string | undefined, flag: string, otherwise: number): number {
  const at = text === undefined ? otherwise : Date.parse(text);
  if (Number.isNaN(at))
    throw new CommandError(
      `--${flag} must be a time such as 2026-11-24 or 2026-11-24T08:00:00Z.`,
      exitCodes.usage
    );
  return at;
}

/** The collector's decoders, in a thread of their own: what they read is decrypted messages, which leave no process. */
function decoders(place: Place): { readonly redecode: Redecode; stop(): Promise<void> } {
  const worker = new Worker(fileURLToPath(new URL('../../../collector/src/redecode.ts', import.meta.url)), {
    workerData: {
      ...place.groupText(),
      pseudonymKey: place.key('pseudonym.key'),
      vaultPublic: place.key('vault.pub')
    }
  });
  const died = once(worker, 'error').then(([error]) => {
    throw error as Error;
  });
  died.catch(() => undefined);
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  return {
    async redecode({ name, records, kept }) {
      const answer = once(worker, 'message') as Promise<[Redecoded[]]>;
      worker.postMessage({ ...name, records, kept });
      const [made] = await Promise.race([answer, died]);
      return made;
    },
    // It ends by itself, once its last answer was taken: nothing in it is cut off.
    stop() {
      worker.postMessage('end');
      return exited;
    }
  };
}

/** vigie replay: decodes stored messages again with today's decoders. */
const command: Command = {
  help: `npx vigie replay [--lane audit|ops|own] [--from TIME] [--to TIME] [--source ID] [--quarantine]

Decodes stored messages again with today's decoders and today's vigie.yaml, and tells by table and source what would change. Confirmed, it
puts the new rows in the place of the old ones and the sums right, and signs which rows hold from now on; what was signed before stays. Needs
the vault's private key.
  --lane         audit (default), ops or own
  --from, --to   of blocks sealed in that time (default: everything)
  --source       messages of one source
  --quarantine   messages in quarantine alone

${deedHelp}`,
  async run(args, terminal) {
    const { values } = readFlags(args, { ...placeFlags, ...deedFlags, ...flags });
    if (!['audit', 'ops', 'own'].includes(values.lane))
      throw new CommandError('--lane must be audit, ops or own.', exitCodes.usage);
    const selection: ReplaySelection = {
      lane: values.lane,
      from: instant(values.from, 'from', 0),
      to: instant(values.to, 'to', Date.now()),
      source: values.source,
      quarantine: values.quarantine
    };
    const place = placeOf(values);
    const privateKey = vaultKey(place, 'A replay opens stored messages');
    const client = place.writer();
    const pass = async (each?: (replay: Parameters<typeof applyReplay>[1]) => Promise<void>) => {
      const summary = new ReplaySummary();
      const { redecode, stop } = decoders(place);
      try {
        const names = await blocksToReplay(client, selection);
        for (const [i, name] of names.entries()) {
          terminal.cancelled.throwIfAborted();
          const replay = await replayBlock(client, name, { selection, privateKey, redecode });
          summary.take(replay);
          if (each && typeof replay === 'object' && replay.changes.size > 0) await each(replay);
          tellProgress(terminal, i + 1, names.length);
        }
      } finally {
        await stop();
      }
      return summary;
    };
    try {
      const seen = await pass();
      return await runDeed(
        {
          act: 'replay',
          plan: [
            { ...selection, source: selection.source ?? '', to: values.to === undefined ? 0 : selection.to },
            seen.plan()
          ],
          preview: seen.lines(),
          nothing:
            seen.changedBlocks === 0
              ? "Today's decoders read it all as it is: nothing to replay."
              : undefined,
          async carryOut(told) {
            const mandate = { signingKey: createPrivateKey(place.key('evidence.key')), ...told };
            const done = await pass((replay) => applyReplay(client, replay, mandate));
            return [`${done.changedBlocks} blocks were replayed.`];
          }
        },
        values,
        place,
        terminal
      );
    } finally {
      await client.close();
    }
  }
};
export default command;

function tellProgress(terminal: Terminal, done: number, all: number): void {
  if (done % 500 === 0) terminal.say(`${done} of ${all} blocks`);
}
