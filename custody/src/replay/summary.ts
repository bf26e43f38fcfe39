import type { Canonical } from '@vigie/evidence/canonical';
import { textOf, type BlockRow } from './block-rows.ts';
import type { BlockReplay, Skipped } from './replay-block.ts';

interface Tally {
  same: number;
  changed: number;
  entering: number;
  leaving: number;
}

/** What a replay would change, by table and source. Bounded by sources and tables, not by rows. */
export class ReplaySummary {
  blocks = 0;
  changedBlocks = 0;
  readonly skipped: Record<Skipped, number> = { purged: 0, altered: 0 };
  readonly #tallies = new Map<string, Tally>();

  take(replay: BlockReplay | Skipped | undefined): void {
    if (replay === undefined) return;
    if (typeof replay === 'string') {
      this.skipped[replay]++;
      return;
    }
    this.blocks++;
    if (replay.changes.size > 0) this.changedBlocks++;
    for (const [table, { leave, enter, same, after }] of replay.compared) {
      if (table === 'ops.feed_minute') continue;
      const key = ({ seq, sub }: BlockRow) => `${seq} ${sub}`;
      const leaving = new Set(leave.map(key));
      for (const row of enter) this.#of(table, row)[leaving.delete(key(row)) ? 'changed' : 'entering']++;
      for (const row of leave) if (leaving.has(key(row))) this.#of(table, row).leaving++;
      const entered = new Set(enter);
      if (same > 0) for (const row of after) if (!entered.has(row)) this.#of(table, row).same++;
    }
  }

  #of(table: string, { values }: BlockRow): Tally {
    const name = `${table}\0${textOf(values['source'])}`;
    const tally = this.#tallies.get(name) ?? { same: 0, changed: 0, entering: 0, leaving: 0 };
    this.#tallies.set(name, tally);
    return tally;
  }

  /** Lines for the reader, a table and source each. */
  lines(): string[] {
    const { purged, altered } = this.skipped;
    const lines = [`${this.blocks} blocks were decoded again: ${this.changedBlocks} of them change.`];
    for (const [name, { same, changed, entering, leaving }] of [...this.#tallies].toSorted()) {
      const [table = '', source = ''] = name.split('\0');
      const counts = [
        `${same} same`,
        `${changed} changed`,
        `${entering} new`,
        table === 'audit.quarantine' ? `${leaving} understood now` : `${leaving} fewer`
      ];
      lines.push(`  ${table.padEnd(20)} ${(source === '' ? '–' : source).padEnd(24)} ${counts.join(', ')}`);
    }
    if (purged > 0) lines.push(`${purged} blocks are left alone: their messages or rows are purged.`);
    if (altered > 0)
      lines.push(
        `${altered} blocks are left alone: their rows are not those that were signed. Run vigie evidence verify.`
      );
    return lines;
  }

  /** What would change, and nothing of what stays: messages that come in meanwhile do not make it another plan. */
  plan(): Canonical {
    const tallies = [...this.#tallies]
      .toSorted()
      .map(([name, { changed, entering, leaving }]) => [name, changed, entering, leaving] as const);
    return [this.changedBlocks, ...tallies.filter(([, ...counts]) => counts.some((count) => count > 0))];
  }
}
