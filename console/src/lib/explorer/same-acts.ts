/** What of a message tells which act it is about. */
export interface Told {
  readonly id: string;
  readonly occurred_at: Date;
  readonly source: string;
  readonly event_code: string;
  readonly action: string;
  readonly actor_id: string;
  readonly actor_kind: string;
  readonly studies: readonly string[];
  readonly accessions: readonly string[];
  readonly patients: readonly string[];
  /** AE titles by which images went, as told: where from and where to; '' when not told. */
  readonly ae_from: string;
  readonly ae_to: string;
}

/** One act with the messages that tell it, oldest first. */
export type Act<T extends Told> = readonly [T, ...T[]];

/**
 * Families of acts that several systems tell, and the seconds within which they do: a transfer is told when it begins and when
 * it ends, and by both ends; a look at images by who shows them and by who delivers them. Codes of DICOM PS3.15 A.5.
 */
const families: Readonly<Record<string, number>> = { transfer: 600, view: 120, query: 30, delete: 120, export: 300, import: 300, order: 120, record: 120, procedure: 120 }; // prettier-ignore

/** Longest of the windows, ms: how far around a message its witnesses are looked for. */
export const longestWindowMs = 1000 * Math.max(...Object.values(families));

/** The family of an act; undefined for acts that concern no patient and no study, which stand alone. Pure. */
export function familyOf({ event_code, action }: Pick<Told, 'event_code' | 'action'>): string | undefined {
  switch (event_code) {
    case '110102':
    case '110104':
      return 'transfer';
    case '110103':
      // An archive that keeps new images tells them as created, the sender as transferred.
      return action === 'C' ? 'transfer' : action === 'D' ? 'delete' : 'view';
    case '110105':
      return 'delete';
    case '110106':
      return 'export';
    case '110107':
      return 'import';
    case '110109':
      return 'order';
    case '110110':
      return 'record';
    case '110111':
      return 'procedure';
    case '110112':
      return 'query';
    default:
      return undefined;
  }
}

const meet = (a: readonly string[], b: readonly string[]) => a.some((one) => b.includes(one));

/** Studies decide where both name one, then accession numbers; else the patient does. */
function sameSubject(a: Told, b: Told): boolean {
  if (a.studies.length > 0 && b.studies.length > 0) return meet(a.studies, b.studies);
  if (a.accessions.length > 0 && b.accessions.length > 0) return meet(a.accessions, b.accessions);
  return meet(a.patients, b.patients);
}

/** Two persons are two acts; a system that acts for a person is a witness of the person's act. */
const sameActor = (a: Told, b: Told) =>
  a.actor_kind !== 'person' || b.actor_kind !== 'person' || a.actor_id === '' || b.actor_id === '' || a.actor_id === b.actor_id; // prettier-ignore

const agree = (a: string, b: string) => a === '' || b === '' || a === b;
const samePair = (a: Told, b: Told) => agree(a.ae_from, b.ae_from) && agree(a.ae_to, b.ae_to);

/** One message that two collectors received: each has its own window of duplicates, so both keep it. */
const receivedTwice = (a: Told, b: Told) =>
  a.occurred_at.getTime() === b.occurred_at.getTime() && a.id.split('-')[0] !== b.id.split('-')[0];

/**
 * Whether two messages tell one act. The same system says one thing once: what it tells twice happened twice, save a transfer
 * that begins and ends, or a message that two collectors received. Pure.
 */
export function sameAct(a: Told, b: Told): boolean {
  const family = familyOf(a);
  if (family === undefined || family !== familyOf(b)) return false;
  if (a.source === b.source && a.event_code === b.event_code && !receivedTwice(a, b)) return false;
  if (Math.abs(a.occurred_at.getTime() - b.occurred_at.getTime()) > (families[family] ?? 0) * 1000)
    return false;
  return sameSubject(a, b) && sameActor(a, b) && samePair(a, b);
}

/**
 * Groups messages by the act they tell; every message is in exactly one act. A message joins the nearest act of which it
 * agrees with every witness, else it is an act of its own. Pure: the same messages in any order give the same acts.
 * @returns acts by their oldest message, oldest first
 */
export function acts<T extends Told>(messages: readonly T[]): Act<T>[] {
  const sorted = messages.toSorted(
    (a, b) => a.occurred_at.getTime() - b.occurred_at.getTime() || (a.id < b.id ? -1 : 1)
  );
  const found: [T, ...T[]][] = [];
  let open: [T, ...T[]][] = [];
  for (const message of sorted) {
    const since = message.occurred_at.getTime() - longestWindowMs;
    open = open.filter(([first]) => first.occurred_at.getTime() >= since);
    const act = open.findLast((told) => told.every((one) => sameAct(one, message)));
    if (act) act.push(message);
    else {
      const made: [T, ...T[]] = [message];
      found.push(made);
      open.push(made);
    }
  }
  return found;
}

/** The message an act is shown by: one that names a person, the earliest of them. Pure. */
export function spokesman<T extends Told>(act: Act<T>): T {
  return act.find(({ actor_kind, actor_id }) => actor_kind === 'person' && actor_id !== '') ?? act[0];
}
