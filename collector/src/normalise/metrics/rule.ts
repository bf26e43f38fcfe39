import type { MetricRule } from '@vigie/schemas';
import type { Point } from '../../decode/otlp/read.ts';

/** A rule of vigie.yaml that makes facts of one kind. */
export type Rule<F extends MetricRule['fact']> = Extract<MetricRule, { fact: F }>;

/** Points of one metric that carry these attributes. */
export interface Select {
  readonly metric: string;
  readonly when: Readonly<Record<string, string>>;
}

/** Tells of points that a rule cannot use: one sentence, with its mend. */
export type Refuse = (reason: string, points: readonly Point[]) => void;
