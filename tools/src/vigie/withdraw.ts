import { z } from 'zod';
import { ask } from '@vigie/custody/ask';
import type { Doomed } from '@vigie/custody/retention/partitions';
import { monthAfter, startOf } from '@vigie/custody/retention/policy';
import type { ClickHouseClient } from '@vigie/store';
import type { Terminal } from './command.ts';
import type { Place } from './place.ts';

const Range = z.object({ first: z.number(), last: z.number(), from: z.number(), to: z.number() });
const Waiting = z.object({ collector: z.string(), lanes: z.record(z.string(), Range) });
const Withdrawn = z.object({ withdrawn: z.number(), leaving: z.number() });
/** Sequences of one request. */
const seqsAtOnce = 10_000;

type Asked = { readonly because: string } & (
  | { readonly lane: string; readonly seqs: readonly number[] }
  | { readonly lanes: readonly string[]; readonly before: number }
);

/** What waits in the collector's forward queues, and what may no longer be sent of it. */
export class ForwardQueuesOf {
  readonly #place: Place;
  readonly #say: Terminal['say'];

  constructor(place: Place, say: Terminal['say']) {
    this.#place = place;
    this.#say = say;
  }

  /** Takes receptions out of every queue. Those of another collector are named: its queues are not reached from here. */
  async withdraw(
    messages: readonly { readonly collector: string; readonly lane: string; readonly seq: number }[],
    because: string
  ): Promise<number> {
    const { collector } = Waiting.parse(await this.#place.forwarding('waiting'));
    const others = new Set(messages.map((one) => one.collector).filter((one) => one !== collector));
    for (const other of others)
      this.#say(
        `What may wait in the forward queues of the collector ${other} is not reached from here: only those of ${collector} are.`
      );
    const here = messages.filter((one) => one.collector === collector && one.lane !== 'ops');
    let count = 0;
    for (const [lane, some] of Map.groupBy(here, (one) => one.lane))
      count += await this.#ask({ because, lane, seqs: some.map(({ seq }) => seq) });
    return count;
  }

  /** Takes out whatever names a pseudonym, as a patient or a person, of what waits. */
  async withdrawPseudonym(client: ClickHouseClient, pseudonym: string, because: string): Promise<number> {
    const { collector, lanes } = Waiting.parse(await this.#place.forwarding('waiting'));
    let count = 0;
    for (const [lane, range] of Object.entries(lanes))
      for (let after = range.first - 1; ;) {
        const rows = await ask(
          client,
          z.object({ seq: z.number() }),
          `SELECT DISTINCT seq FROM audit.event WHERE collector = {collector:String} AND lane = {lane:String}
             AND seq > {after:UInt64} AND seq <= {last:UInt64}
             AND received_at >= fromUnixTimestamp64Milli({from:Int64}) AND received_at <= fromUnixTimestamp64Milli({to:Int64})
             AND (has(patients, toFixedString(unhex({pseudonym:String}), 16)) OR has(participant_id, {pseudonym:String}))
           ORDER BY seq LIMIT ${seqsAtOnce}`,
          { collector, lane, pseudonym, after, ...range }
        );
        if (rows.length > 0) count += await this.#ask({ because, lane, seqs: rows.map(({ seq }) => seq) });
        if (rows.length < seqsAtOnce) break;
        after = rows.at(-1)?.seq ?? range.last;
      }
    return count;
  }

  /** Takes out what was received up to the months that a purge takes, by lane. */
  async withdrawPurged(doomed: readonly Doomed[], because: string): Promise<number> {
    let count = 0;
    for (const lane of ['audit', 'own']) {
      const months = doomed.filter((one) => one.lane === lane).map(({ month }) => startOf(monthAfter(month)));
      if (months.length > 0)
        count += await this.#ask({ because, lanes: [lane], before: Math.max(...months) });
    }
    return count;
  }

  async #ask(asked: Asked): Promise<number> {
    const { withdrawn, leaving } = Withdrawn.parse(await this.#place.forwarding('withdraw', asked));
    if (leaving > 0)
      this.#say(`${leaving} of them were on their way to a target that moment, and may have reached it.`);
    return withdrawn;
  }
}

/** A line of result, where there is something to tell. */
export const withdrawnLines = (count: number): string[] =>
  count > 0
    ? [`${count} messages that waited for other repositories were withdrawn: they are sent to nobody.`]
    : [];
