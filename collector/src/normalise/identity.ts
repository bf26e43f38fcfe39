import { objectIdentifier, readIdentifier, userIdentifier, type Identifier } from '@vigie/schemas/pseudonym';
import type { Identity } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { Recent } from './recent.ts';
import { known } from './told-values.ts';

/** What messages tell about a patient or a person beside the identifier. */
export interface Traits {
  readonly name?: string;
  readonly birthDate?: string;
  readonly sex?: string;
}

/** An identity as it was told; null when what was told stands for "unknown". */
interface Met {
  readonly identity: Identity | null;
  /** Its pseudonym, as 32 hexadecimal digits. */
  readonly hex: string;
}

const nobody: Met = { identity: null, hex: '' };

/** Identities met lately under a directory: the same person comes again and again. */
const recentLimit = 10_000;
const recents = new WeakMap<Directory, Recent<Met>>();

function recentOf(directory: Directory): Recent<Met> {
  const known = recents.get(directory);
  if (known !== undefined) return known;
  const recent = new Recent<Met>(recentLimit);
  recents.set(directory, recent);
  return recent;
}

/**
 * Collects the identities of one reception, each pseudonym once; those that tell most win.
 * Content is `{ identifier, authority, name?, birth_date?, sex?, linked? }`; `linked` lists the other pseudonyms
 * (hex) told for the same person.
 */
export class Identities {
  readonly #directory: Directory;
  readonly #recent: Recent<Met>;
  readonly #found = new Map<string, Identity>();

  constructor(directory: Directory) {
    this.#directory = directory;
    this.#recent = recentOf(directory);
  }

  /** @returns the pseudonym, or null when the identifier stands for "unknown" */
  patient(told: string, source: string, establishment: string, traits: Traits = {}): Buffer | null {
    const met = this.#recent.get(`p${source}|${toldAs(told, establishment, traits)}`, () => {
      const identifier = readIdentifier(told, this.#directory.patientAuthorityOf(source));
      if (known(identifier.value) === '') return nobody;
      return this.#identity('patient', identifier, establishment, traits, []);
    });
    return this.#keep(met);
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
    const met = this.#recent.get(`u${toldAs(userId, establishment, traits)}`, () => {
      const id = known(userId);
      if (id === '') return nobody;
      return this.#identity('person', userIdentifier(id), establishment, traits, [], id);
    });
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
    return { identity: { pseudonym, kind, establishment, content }, hex: pseudonym.toString('hex') };
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

/** A name for what was told; the lengths keep two tellings apart whatever characters they hold. */
function toldAs(id: string, establishment: string, { name = '', birthDate = '', sex = '' }: Traits): string {
  return `${establishment}|${id.length}|${name.length}|${birthDate.length}|${id}${name}${birthDate}${sex}`;
}

function text(value: string | undefined): string | undefined {
  const told = known(value ?? '');
  return told === '' ? undefined : told.slice(0, 256);
}
