import type { RhythmState } from './rhythm.ts';

/** State of a source in words: silence is judged against the limit declared for it, then against its own rhythm. */
export type SourceState = 'speaks' | 'silent' | 'unusual' | 'undeclared' | 'never' | 'free';

/** Pure. @param declared whether vigie.yaml names it @param silenceMinutes tolerated silence, when declared */
export function sourceState(
  source: {
    readonly declared: boolean;
    readonly lastAt: Date | undefined;
    readonly silenceMinutes: number | undefined;
    readonly rhythm: RhythmState;
  },
  now: Date
): SourceState {
  if (!source.declared) return 'undeclared';
  if (!source.lastAt) return 'never';
  const { silenceMinutes, rhythm } = source;
  const limitMs = silenceMinutes === undefined ? Infinity : silenceMinutes * 60_000;
  if (now.getTime() - source.lastAt.getTime() > limitMs) return 'silent';
  if (rhythm.kind === 'unusual') return 'unusual';
  return silenceMinutes === undefined && rhythm.kind === 'learning' ? 'free' : 'speaks';
}
