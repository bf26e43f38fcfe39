import type { Column, ColumnType, Panel, Word } from '@vigie/dashboards';
import type { Language } from '#lib/text/language.ts';

/** A column as one reader sees it, in one language. */
export interface ShownColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly label: string;
  readonly definition?: string;
  readonly digits?: number;
  readonly words?: Readonly<Record<string, { readonly text: string; readonly tone?: Word['tone'] }>>;
  readonly meter?: Column['meter'];
  readonly hidden: boolean;
  /** What narrows the rows behind a number of this column, besides its row. */
  readonly rows?: Readonly<Record<string, string>>;
  /** Name in exports; '' is not exported. */
  readonly export: string;
}

export type Cell = string | number | boolean | null;
export type ShownRow = Readonly<Record<string, Cell>>;

/** A panel with its answer: what a page needs to draw it, and nothing of how it was asked. */
export interface ShownPanel {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  readonly kind: Panel['kind'];
  readonly width: Panel['width'];
  readonly shared: boolean;
  readonly x?: string;
  readonly y?: string;
  readonly series?: string;
  readonly value?: string;
  readonly end?: string;
  readonly mark?: string;
  readonly figures: readonly {
    readonly value: string;
    readonly change?: string;
    readonly better?: 'more' | 'less';
  }[];
  readonly columns: readonly ShownColumn[];
  readonly definition: string;
  readonly sentence?: string;
  readonly empty: string;
  /** Times in ISO 8601; `complete` ends the finished part; `chosen` when its dates need not be told. */
  readonly window: {
    readonly from: string;
    readonly to: string;
    readonly complete: string;
    readonly grain: 'hour' | 'day';
    /** What changes are told against. */
    readonly before: { readonly from: string; readonly to: string };
    readonly chosen: boolean;
  };
  readonly rows: readonly ShownRow[];
  readonly withheld: Readonly<Record<string, number>>;
  /** Id to quote when this panel could not be answered; its rows are then empty. */
  readonly failed?: string;
  /** Columns whose value narrows the rows behind; absent when the reader may not see rows. */
  readonly drill?: readonly string[];
}

export interface ShownBoard {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  readonly headline: string;
  readonly now: string;
  readonly panels: readonly ShownPanel[];
  readonly names: Names;
  /** The system it is about, on a page about one system. */
  readonly system?: string;
}

/** Names of what rows call by id, in the reader's language, and each site's colour. */
export interface Names {
  readonly language: Language;
  readonly sites: Readonly<
    Record<string, { readonly name: string; readonly colour: number; readonly liveOn?: string }>
  >;
  readonly systems: Readonly<Record<string, string>>;
  readonly objectives: Readonly<Record<string, string>>;
  /** Places in the picture of flows, with the column each stands in; those of the core are drawn though nothing flows. */
  readonly nodes?: Readonly<
    Record<string, { readonly name: string; readonly stage: number; readonly core: boolean }>
  >;
}
