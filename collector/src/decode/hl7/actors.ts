import type { Components, Segment } from './message.ts';
import type { ToldActor } from './told-exam.ts';

/** Who ordered: ORC-12, else OBR-16 (XCN). */
export function prescriberOf(orc: Segment | null, obr: Segment | null): ToldActor | null {
  return xcn(orc?.repetitions(12)[0] ?? obr?.repetitions(16)[0], 'prescriber');
}

/** Who performed: OBR-34 technician (NDL). */
export function performerOf(obr: Segment | null): ToldActor | null {
  return ndl(obr?.repetitions(34)[0], 'performer');
}

/** Who read: OBR-32 principal result interpreter (NDL). */
export function readerOf(obr: Segment | null): ToldActor | null {
  return ndl(obr?.repetitions(32)[0], 'reader');
}

function xcn(told: Components | undefined, role: ToldActor['role']): ToldActor | null {
  if (told === undefined) return null;
  const name = fullName(told.get(2), told.get(3));
  const facilities = [told.get(14), told.sub(14, 1), told.get(9), told.sub(9, 1)];
  return actor(told.get(1), name, role, facilities);
}

/**
 * NDL: the person in the sub-components of the first component (CNN), the facility in NDL.7. Senders that write the
 * person as an XCN instead are known by a second component that is no time.
 */
function ndl(told: Components | undefined, role: ToldActor['role']): ToldActor | null {
  if (told === undefined) return null;
  const bare = told.sub(1, 2) === '' && told.sub(1, 3) === '';
  if (bare && told.get(2) !== '' && !/^\d{8}/.test(told.get(2))) return xcn(told, role);
  const facilities = [told.sub(7, 1), told.sub(7, 2), told.sub(1, 9), told.sub(1, 10)];
  return actor(told.sub(1, 1), fullName(told.sub(1, 2), told.sub(1, 3)), role, facilities);
}

function actor(
  id: string,
  name: string,
  role: ToldActor['role'],
  facilities: readonly string[]
): ToldActor | null {
  if (id === '' && name === '') return null;
  return { id: id || name, name, role, facilities: facilities.filter((one) => one !== '') };
}

const fullName = (family: string, given: string) => [family, given].filter((part) => part !== '').join(' ');
