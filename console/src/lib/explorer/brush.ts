/** Columns chosen in a histogram: first and last, in either order. */
export interface Chosen {
  readonly anchor: number;
  readonly end: number;
}

/** What a key does to the chosen columns: arrows move, with Shift they widen, Escape lets go; others do nothing. Pure. */
export function keyed(
  key: string,
  shift: boolean,
  chosen: Chosen | undefined,
  columns: number
): Chosen | undefined {
  // prettier-ignore
  if (key === 'Escape') return undefined;
  const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -columns, End: columns }; // prettier-ignore
  const step = steps[key];
  if (step === undefined || columns === 0) return chosen;
  const clamp = (at: number) => Math.min(columns - 1, Math.max(0, at));
  if (!chosen) return step > 0 ? { anchor: 0, end: 0 } : { anchor: columns - 1, end: columns - 1 };
  const end = clamp(chosen.end + step);
  return { anchor: shift ? chosen.anchor : end, end };
}

/** The window that chosen columns stand for, within from ≤ t < to. Pure. */
export function windowOfColumns(
  starts: readonly Date[],
  { anchor, end }: Chosen,
  bounds: { readonly from: Date; readonly to: Date }
): { from: Date; to: Date } | undefined {
  const [first, last] = [Math.min(anchor, end), Math.max(anchor, end)];
  const start = starts[first];
  if (!start) return undefined;
  const after = starts[last + 1] ?? bounds.to;
  return { from: start < bounds.from ? bounds.from : start, to: after > bounds.to ? bounds.to : after };
}
