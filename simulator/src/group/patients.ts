import { Random } from '../random.ts';
import { familyNames, givenNames, type Person } from './people.ts';

export interface Patient {
  /** Local number, under the group's own authority. */
  readonly ipp: string;
  /** National number of the test range, with its key; not everyone's is known. */
  readonly ins: string | undefined;
  /** PID-32: how sure the identity is. */
  readonly reliability: 'VALI' | 'PROV';
  readonly family: string;
  readonly given: string;
  readonly birthDate: string;
  readonly sex: 'F' | 'M';
}

/** How many patients the group has known, beside its own staff. */
const patientCount = 24_000;
const firstNumber = 100_000;
const firstStaffNumber = 900_000;

/** Some patient: a few come again and again. */
export function somePatient(seed: number, random: Random): Patient {
  const number = Math.floor(patientCount * random.next() ** 1.6);
  const own = new Random(seed, 'patient', number);
  const sex = own.chance(0.53) ? 'F' : 'M';
  return patient(firstNumber + number, own, sex, own.whole(1932, 2023), {
    family: own.pick(familyNames),
    given: own.pick(givenNames)
  });
}

/** Staff are patients too: the one a curious colleague looks up. */
export function patientOf(seed: number, person: Person): Patient {
  const own = new Random(seed, 'staff patient', person.login);
  const number = firstStaffNumber + own.whole(0, 99_999);
  return patient(number, own, own.chance(0.6) ? 'F' : 'M', own.whole(1962, 2001), person);
}

function patient(
  number: number,
  own: Random,
  sex: 'F' | 'M',
  year: number,
  { family, given }: { readonly family: string; readonly given: string }
): Patient {
  const two = (value: number) => String(value).padStart(2, '0');
  const birthDate = `${year}${two(own.whole(1, 12))}${two(own.whole(1, 28))}`;
  const ins = own.chance(0.84) ? insOf(sex, birthDate, own) : undefined;
  return {
    ipp: String(number).padStart(10, '0'),
    ins,
    reliability: own.chance(ins === undefined ? 0.6 : 0.93) ? 'VALI' : 'PROV',
    family: family.toUpperCase(),
    given,
    birthDate,
    sex
  };
}

/** Thirteen digits as a NIR has them (sex, year, month, place, order) and their key: 97 less the remainder by 97. */
function insOf(sex: 'F' | 'M', birthDate: string, own: Random): string {
  const three = () => String(own.whole(1, 989)).padStart(3, '0');
  const digits = `${sex === 'F' ? 2 : 1}${birthDate.slice(2, 6)}10${three()}${three()}`;
  return `${digits}${String(97 - (Number(digits) % 97)).padStart(2, '0')}`;
}
