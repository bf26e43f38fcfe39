import type { Lane } from '../reception.ts';
import type { FailureVerdict } from '../store/classify-failure.ts';
import type { Plan } from './plan.ts';

/** What became of a block: for metrics, health, traces and the log. */
export type PipelineEvent =
  | {
      readonly kind: 'stored';
      readonly lane: Lane;
      readonly plan: Omit<Plan, 'inserts' | 'fingerprints' | 'identities'>;
      /** Time it took to store, ms. */
      readonly ms: number;
    }
  | {
      readonly kind: 'failed';
      readonly lane: Lane;
      readonly verdict: FailureVerdict;
      readonly table: string;
      /** ClickHouse's code and name, or what the network said; never a value. */
      readonly message: string;
    };
