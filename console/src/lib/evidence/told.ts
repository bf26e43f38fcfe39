/** What one of Vigie's own events says of a verification: see `evidenceVerified` in schemas/src/own-audit.ts. */
export interface ToldVerification {
  readonly at: Date;
  /** Name of an account, or '' for an operator's command. */
  readonly by: string;
  readonly level: number;
  readonly blocks: number;
  readonly records: number;
  readonly found: number;
  readonly cancelled: boolean;
  readonly lanes: readonly string[] | undefined;
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** What of a scheduled one it was; undefined for one that somebody started. */
  readonly part?: string | undefined;
}

/** Reads the event types of an own event; undefined when it is no verification's. */
export function readVerification(row: {
  readonly at: Date;
  readonly by: string;
  readonly outcome: number;
  readonly types: readonly string[];
}): ToldVerification | undefined {
  const params = toldTypes(row.types);
  if (!row.types.includes('evidence-verify') || !params.has('level')) return undefined;
  const time = (name: string) => (params.has(name) ? new Date(Number(params.get(name))) : undefined);
  return {
    at: row.at,
    by: row.by,
    level: Number(params.get('level')),
    blocks: Number(params.get('blocks')),
    records: Number(params.get('records')),
    found: Number(params.get('found')),
    cancelled: row.outcome === 4,
    lanes: params.get('lanes')?.split('+'),
    from: time('from'),
    to: time('to'),
    part: params.get('part')
  };
}

/** Event types of the form `name:value`. */
export function toldTypes(types: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    types
      .filter((type) => type.includes(':'))
      .map((type): [string, string] => [type.split(':')[0] ?? '', type.slice(type.indexOf(':') + 1)])
  );
}

export type DayState = 'whole' | 'altered' | 'unverified';

const dayMs = 86_400_000;
/** A period that ends now is a little older than the verification of it. */
const minuteMs = 60_000;

/** What is known of one day of one lane: by when it was verified, where that was before the day was over. */
export interface DayVerdict {
  readonly state: DayState;
  readonly until?: Date;
}

/**
 * State of one day of one lane, by the newest verification that covered it whole, or as far as it had come. What was found on other
 * days does not blame this one: `blamed` holds the days and lanes of the newest findings, where they are known.
 */
export function stateOfDay(
  day: string,
  lane: string,
  verifications: readonly ToldVerification[],
  blamed: ReadonlySet<string> | undefined
): DayVerdict {
  // Europe/Paris is one or two hours ahead: the day lies within these bounds whatever its clock.
  const begins = Date.parse(`${day}T00:00:00+02:00`);
  const ends = Date.parse(`${day}T00:00:00+01:00`) + dayMs;
  const last = verifications.find(
    ({ at, from, to, lanes, cancelled }) =>
      !cancelled &&
      at.getTime() > begins &&
      (lanes?.includes(lane) ?? true) &&
      (from === undefined || from.getTime() <= begins) &&
      (to === undefined || to.getTime() >= Math.min(ends, at.getTime() - minuteMs))
  );
  if (!last) return { state: 'unverified' };
  const altered = last.found > 0 && (blamed === undefined || blamed.has(`${day}\0${lane}`));
  return {
    state: altered ? 'altered' : 'whole',
    ...(last.at.getTime() < ends && { until: last.at })
  };
}
