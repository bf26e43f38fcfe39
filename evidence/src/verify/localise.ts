import { maxPerBlock, type Finding, type FindingCode, type Place } from './finding.ts';

/** One row or record as it is found: its sum, and its name. */
export interface Actual {
  readonly sum: string;
  readonly id: string;
}

/** Codes of what differs: rows and records are told in their own words. */
export interface Words {
  readonly missing: FindingCode;
  readonly added: FindingCode;
  readonly altered: FindingCode;
  readonly reordered: FindingCode;
}

/**
 * Names what differs between a sealed list of sums and what is there. Four bytes tell two rows apart but for one case in four
 * billion; the roots have told already that something differs. Pure.
 */
export function localise(
  sealed: readonly string[],
  actual: readonly Actual[],
  place: Place,
  words: Words
): Finding[] {
  const lost = without(
    sealed,
    actual.map(({ sum }) => sum)
  );
  const strange = without(
    actual.map(({ sum }) => sum),
    sealed
  );
  const altered = Math.min(lost.length, strange.length);
  const findings: Finding[] = strange.map((at, i) => ({
    ...place,
    code: i < altered ? words.altered : words.added,
    id: actual[at]?.id ?? '',
    detail:
      i < altered
        ? `sealed as row ${(lost[i] ?? 0) + 1} of ${sealed.length}`
        : `${sealed.length} rows were sealed`
  }));
  for (const at of lost.slice(altered))
    findings.push({
      ...place,
      code: words.missing,
      detail: `row ${at + 1} of ${sealed.length}${neighbours(sealed, at, actual)}`
    });
  if (findings.length === 0) findings.push(...reordered(sealed, actual, place, words));
  const rest = findings.length - maxPerBlock;
  if (rest <= 0) return findings;
  const shown = findings.slice(0, maxPerBlock);
  const [last] = shown.slice(-1);
  return last
    ? [...shown.slice(0, -1), { ...last, detail: `${last.detail ?? ''}; and ${rest} more` }]
    : shown;
}

/** Places of `list` that are left when each value of `other` has taken one of its like, from the left. */
function without(list: readonly string[], other: readonly string[]): number[] {
  const left = new Map<string, number>();
  for (const one of other) left.set(one, (left.get(one) ?? 0) + 1);
  const places: number[] = [];
  list.forEach((one, at) => {
    const count = left.get(one) ?? 0;
    if (count > 0) left.set(one, count - 1);
    else places.push(at);
  });
  return places;
}

function neighbours(sealed: readonly string[], at: number, actual: readonly Actual[]): string {
  const nameOf = (sum: string | undefined) => actual.find((one) => one.sum === sum)?.id;
  const [before, after] = [nameOf(sealed[at - 1]), nameOf(sealed[at + 1])];
  return `${before === undefined ? '' : `, after ${before}`}${after === undefined ? '' : `, before ${after}`}`;
}

function reordered(
  sealed: readonly string[],
  actual: readonly Actual[],
  place: Place,
  words: Words
): Finding[] {
  const first = actual.findIndex(({ sum }, at) => sum !== sealed[at]);
  // The same rows in the same order: nothing that sums can tell apart.
  if (first < 0) return [{ ...place, code: words.altered, detail: `${sealed.length} rows` }];
  return [
    { ...place, code: words.reordered, id: actual[first]?.id ?? '', detail: `from row ${first + 1} on` }
  ];
}
