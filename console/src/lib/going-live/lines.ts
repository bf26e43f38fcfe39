import type { GoingLive } from '@vigie/schemas/config/going-live';

/** What is asked of a site that joins, in the order in which it is tried. */
export const lineIds = ['modalities', 'echo', 'worklist', 'ins', 'complete', 'senders', 'volume'] as const;
export type LineId = (typeof lineIds)[number];

/** A count and what it is a part of; undefined where nothing that would tell it has been received. */
export type Measure = { readonly part: number; readonly of: number } | undefined;
export type Measures = Readonly<Record<LineId, Measure>>;

export type LineState = 'ready' | 'short' | 'unmeasured' | 'withheld';

export interface Line {
  readonly id: LineId;
  readonly state: LineState;
  readonly part?: number;
  readonly of?: number;
  /** What is compared with the threshold: a percentage, or a number of senders. */
  readonly value?: number;
  readonly threshold: number;
  readonly unit: 'percent' | 'count';
}

/** Lines that count patients' exams: of a few, a percentage would tell who. */
const ofPatients: ReadonlySet<LineId> = new Set(['ins', 'complete', 'volume']);
const fewest = 11;

const limits = (told: GoingLive['thresholds']): Readonly<Record<LineId, number>> => ({
  modalities: told.modalities_percent,
  echo: told.echo_percent,
  worklist: told.worklist_percent,
  ins: told.ins_percent,
  complete: told.complete_percent,
  senders: told.unknown_senders,
  volume: told.volume_percent
});

/**
 * Judges each line against its threshold. What nothing tells is not measured, and not ready. Pure.
 * @param withholding true for a role that sees no small numbers of patients
 */
export function judge(measures: Measures, told: GoingLive['thresholds'], withholding: boolean): Line[] {
  const threshold = limits(told);
  return lineIds.map((id): Line => {
    const measure = measures[id];
    const unit = id === 'senders' ? 'count' : 'percent';
    const frame = { id, threshold: threshold[id], unit } as const;
    if (measure === undefined || (unit === 'percent' && measure.of === 0))
      return { ...frame, state: 'unmeasured' };
    const { part, of } = measure;
    const small = (count: number) => count > 0 && count < fewest;
    if (withholding && ofPatients.has(id) && (small(part) || small(of) || small(of - part)))
      return { ...frame, state: 'withheld' };
    const value = unit === 'count' ? part : (100 * part) / of;
    const isReady = unit === 'count' ? value <= threshold[id] : value >= threshold[id];
    return { ...frame, state: isReady ? 'ready' : 'short', part, of, value };
  });
}
