import { objectIdentifier, readIdentifier, userIdentifier, type Identifier } from '@vigie/schemas/pseudonym';
import type { Identity } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { own, Recent } from './recent.ts';
import { known } from './told-values.ts';

/** What messages tell about a patient or a person beside the identifier. */
export interface Traits {
  readonly name?: string;
  readonly birthDate?: string;
  readonly sex?: string;
}

/** An identity as it was told; null when what was told stands for "unknown". */
interface Met extends Traits {
  readonly identity: Identity | null;
  /** Its pseudonym, as 32 hexadecimal digits. */
  readonly hex: string;
  readonly establishment: string;
}

const nobody = { identity: null, hex: '' };

/** Identities met lately under a directory: the same person comes again and again. */
const recentLimit = 5_000;
/** Who tells a patient, and whose a person is: a configuration names a few dozen of them. */
const scopeLimit = 32;
type Scopes = Recent<Recent<Met>>;
interface Recents {
  readonly patients: Scopes;
  readonly people: Scopes;
}
const recents = new WeakMap<Directory, Recents>();

function recentsOf(directory: Directory): Recents {
  const known = recents.get(directory) ?? {
    patients: new Recent(scopeLimit),
    people: new Recent(scopeLimit)
  };
  recents.set(directory, known);
  return known;
}

const inScope = (scopes: Scopes, scope: string): Recent<Met> =>
  scopes.get(scope, () => new Recent<Met>(recentLimit));

const owned = ({ name, birthDate, sex }: Traits): Traits => ({
  ...(name !== undefined && { name: own(name) }),
  ...(birthDate !== undefined && { birthDate: own(birthDate) }),
  ...(sex !== undefined && { sex: own(sex) })
});

const isOf = (met: Met, establishment: string, { name, birthDate, sex }: Traits): boolean =>
  met.establishment === establishment && met.name === name && met.birthDate === birthDate && met.sex === sex;

/**
 * Collects the identities of one reception, each pseudonym once; those that tell most win.
 * Content is `{ identifier, authority, name?, birth_date?, sex?, linked? }`; `linked` lists the other pseudonyms
 * (hex) told for the same person.
 */
export class Identities {
  readonly #directory: Directory;
  readonly #recents: Recents;
  readonly #found = new Map<string, Identity>();

  constructor(directory: Directory) {
    this.#directory = directory;
    this.#recents = recentsOf(directory);
  }

  /** @returns the pseudonym, or null when the identifier stands for "unknown" */
  patient(told: string, source: string, establishment: string, traits: Traits = {}): Buffer | null {
    const find = (): Met => {
      const identifier = readIdentifier(told, this.#directory.patientAuthorityOf(source));
      if (known(identifier.value) === '') return { ...nobody, ...owned(traits), establishment };
      return this.#identity('patient', identifier, establishment, traits, []);
    };
    const fits = (met: Met) => isOf(met, establishment, traits);
    return this.#keep(inScope(this.#recents.patients, source).get(told, find, fits));
  }

  patientIdentifier(
    identifier: Identifier,
    establishment: string,
    traits: Traits = {},
    linked: readonly string[] = []
  ): Buffer | null {
    if (known(identifier.value) === '') return null;
    return this.#keep(this.#identity('patient', identifier, establishment, traits, linked));
  }

  /** @returns the pseudonym as 32 hexadecimal digits, or '' when nobody is named */
  person(userId: string, establishment: string, traits: Traits = {}): string {
    const find = (): Met => {
      const id = known(userId);
      if (id === '') return { ...nobody, ...owned(traits), establishment };
      return this.#identity('person', userIdentifier(id), establishment, traits, [], id);
    };
    const fits = (met: Met) => isOf(met, establishment, traits);
    const met = inScope(this.#recents.people, establishment).get(userId, find, fits);
    this.#keep(met);
    return met.hex;
  }

  /** @returns the token of an object's id as 32 hexadecimal digits, or '' when none is told; nothing goes to the vault */
  object(told: string): string {
    const id = known(told);
    return id === '' ? '' : this.#directory.pseudonym(objectIdentifier(id)).toString('hex');
  }

  list(): Identity[] {
    return [...this.#found.values()];
  }

  #identity(
    kind: Identity['kind'],
    identifier: Identifier,
    establishment: string,
    traits: Traits,
    linked: readonly string[],
    shown = identifier.value
  ): Met {
    const pseudonym = this.#directory.pseudonym(identifier);
    const content = JSON.stringify({
      identifier: shown.slice(0, 256),
      authority: identifier.authority.slice(0, 256),
      name: text(traits.name),
      birth_date: text(traits.birthDate),
      sex: text(traits.sex),
      linked: linked.length === 0 ? undefined : linked
    });
    const identity = { pseudonym, kind, establishment, content };
    return { ...owned(traits), establishment, identity, hex: pseudonym.toString('hex') };
  }

  #keep({ identity, hex }: Met): Buffer | null {
    if (identity === null) return null;
    const key = `${identity.kind}${identity.establishment}|${hex}`;
    const before = this.#found.get(key);
    if (before === undefined || before.content.length < identity.content.length)
      this.#found.set(key, identity);
    return identity.pseudonym;
  }
}

function text(value: string | undefined): string | undefined {
  const told = known(value ?? '');
  return told === '' ? undefined : told.slice(0, 256);
}
