/** State of a source in words: silence is judged against the rhythm declared for it. */
export type SourceState = 'speaks' | 'silent' | 'undeclared' | 'never' | 'free';

/** Pure. @param declared whether vigie.yaml names it @param silenceMinutes tolerated silence, when declared */
export function sourceState(
  source: {
    readonly declared: boolean;
    readonly lastAt: Date | undefined;
    readonly silenceMinutes: number | undefined;
  },
  now: Date
): SourceState {
  if (!source.declared) return 'undeclared';
  if (!source.lastAt) return 'never';
  if (source.silenceMinutes === undefined) return 'free';
  return now.getTime() - source.lastAt.getTime() > source.silenceMinutes * 60_000 ? 'silent' : 'speaks';
}
