import type { Finding, Notice, NoticeCode } from './finding.ts';

/** How far a verification came. */
export interface Progress {
  readonly blocks: number;
  readonly records: number;
  /** What the headers of the period promise. */
  readonly ofBlocks: number;
  readonly ofRecords: number;
  readonly findings: number;
}

/** What was verified of one lane. */
export interface ChainReport {
  readonly collector: string;
  readonly lane: string;
  readonly blocks: number;
  readonly records: number;
  readonly rows: number;
  /** First sequence of the first block and last of the last. */
  readonly first: number;
  readonly last: number;
  /** Reception times, ms since 1970: of the last record of the first block, and of the last. */
  readonly from: number;
  readonly to: number;
  /** Hash of the last header. */
  readonly head: string;
  readonly acts: number;
  readonly keys: readonly string[];
}

/** Notices of one kind, about one lane and table: how many, and the first of them. */
export interface NoticeReport {
  readonly code: NoticeCode;
  readonly collector: string;
  readonly lane: string;
  readonly table?: string;
  readonly block?: number;
  readonly detail?: string;
  readonly count: number;
}

/** What a verification came to. */
export interface Report {
  readonly level: 1 | 2;
  /** The period asked for, ms since 1970; left out where it was open. */
  readonly from?: number;
  readonly to?: number;
  readonly good: boolean;
  readonly cancelled: boolean;
  readonly chains: readonly ChainReport[];
  /** The first of them; `found` says how many there are. */
  readonly findings: readonly Finding[];
  readonly found: number;
  readonly notices: readonly NoticeReport[];
  readonly seconds: number;
}

const maxFindings = 1000;

/** Gathers what is found, bounded. */
export class Gatherer {
  readonly findings: Finding[] = [];
  readonly #notices = new Map<string, NoticeReport>();
  found = 0;

  find(...findings: readonly Finding[]): void {
    this.found += findings.length;
    this.findings.push(...findings.slice(0, Math.max(0, maxFindings - this.findings.length)));
  }

  notice(...notices: readonly Notice[]): void {
    for (const notice of notices) {
      const name = [notice.code, notice.collector, notice.lane, notice.table].join('\0');
      const known = this.#notices.get(name);
      const { code, collector, lane, table, block, detail } = notice;
      this.#notices.set(name, {
        code,
        collector,
        lane,
        ...(table !== undefined && { table }),
        ...(block !== undefined && { block }),
        ...(detail !== undefined && { detail }),
        ...known,
        count: (known?.count ?? 0) + 1
      });
    }
  }

  get notices(): NoticeReport[] {
    return [...this.#notices.values()];
  }
}
