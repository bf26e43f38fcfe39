import { hash } from 'node:crypto';
import { objectIdentifier, readIdentifier, userIdentifier, type Identifier } from '@vigie/schemas/pseudonym';
import type { Identity } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { own, RecentByPlace } from './recent.ts';
import { known } from './told-values.ts';

/** What messages tell about a patient or a person beside the identifier. */
export interface Traits {
  readonly name?: string;
  readonly birthDate?: string;
  readonly sex?: string;
}

/** A pseudonym, and the same as 32 hexadecimal digits. */
export interface Token {
  readonly pseudonym: Buffer;
  readonly hex: string;
}

/** An identity as it was told; null when what was told stands for "unknown". */
interface Met {
  readonly name: string | undefined;
  readonly birthDate: string | undefined;
  readonly sex: string | undefined;
  readonly identity: Identity | null;
  readonly token: Token | null;
  /** One of these a reception: kind, establishment, pseudonym. */
  readonly place: string;
}

/** Identities met lately under a directory: the same person comes again and again. */
const recentLimit = 15_000;
/** Identities of one reception among which a place is looked for one by one. */
const fewPlaces = 16;
interface Recents {
  /** By establishment and source, which tells the authority of a bare number; then by identifier. */
  readonly patients: RecentByPlace<Met>;
  /** By establishment, then by identifier. */
  readonly people: RecentByPlace<Met>;
}
const recents = new WeakMap<Directory, Recents>();

function recentsOf(directory: Directory): Recents {
  const known = recents.get(directory) ?? {
    patients: new RecentByPlace(recentLimit),
    people: new RecentByPlace(recentLimit)
  };
  recents.set(directory, known);
  return known;
}

const owned = (text: string | undefined) => (text === undefined ? undefined : own(text));

function met(traits: Traits, identity: Identity | null): Met {
  const token = identity && { pseudonym: identity.pseudonym, hex: identity.pseudonym.toString('hex') };
  return {
    name: owned(traits.name),
    birthDate: owned(traits.birthDate),
    sex: owned(traits.sex),
    identity,
    token,
    place: identity === null ? '' : `${identity.kind}${identity.establishment}|${token?.hex}`
  };
}

const isOf = (known: Met, { name, birthDate, sex }: Traits): boolean =>
  known.name === name && known.birthDate === birthDate && known.sex === sex;

/**
 * Collects the identities of one reception, each pseudonym once; those that tell most win.
 * Content is `{ identifier, authority, name?, birth_date?, sex?, linked? }`; `linked` lists the other pseudonyms
 * (hex) told for the same person.
 */
export class Identities {
  readonly #directory: Directory;
  readonly #recents: Recents;
  /** Found so far and their places, in step; few, as a rule. */
  readonly #found: Identity[] = [];
  readonly #places: string[] = [];
  /** Where each place is in these lists, once they are long. */
  #index: Map<string, number> | undefined;

  constructor(directory: Directory) {
    this.#directory = directory;
    this.#recents = recentsOf(directory);
  }

  /** @returns the pseudonym, or null when the identifier stands for "unknown" */
  patient(told: string, source: string, establishment: string, traits: Traits = {}): Buffer | null {
    return this.patientToken(told, source, establishment, traits)?.pseudonym ?? null;
  }

  /** As `patient`, with the pseudonym's hexadecimal digits. */
  patientToken(told: string, source: string, establishment: string, traits: Traits = {}): Token | null {
    const { patients } = this.#recents;
    const before = patients.peek(establishment, source, told);
    if (before !== undefined && isOf(before, traits)) return this.#keep(before);
    const identifier = readIdentifier(told, this.#directory.patientAuthorityOf(source));
    const found =
      known(identifier.value) === ''
        ? met(traits, null)
        : met(traits, this.#identity('patient', identifier, establishment, traits, []));
    patients.set(establishment, source, told, found);
    return this.#keep(found);
  }

  patientIdentifier(
    identifier: Identifier,
    establishment: string,
    traits: Traits = {},
    linked: readonly string[] = []
  ): Buffer | null {
    if (known(identifier.value) === '') return null;
    const identity = this.#identity('patient', identifier, establishment, traits, linked);
    return this.#keep(met(traits, identity))?.pseudonym ?? null;
  }

  /** @returns the pseudonym as 32 hexadecimal digits, or '' when nobody is named */
  person(userId: string, establishment: string, traits: Traits = {}): string {
    const { people } = this.#recents;
    const before = people.peek(establishment, '', userId);
    if (before !== undefined && isOf(before, traits)) return this.#keep(before)?.hex ?? '';
    const id = known(userId);
    const found =
      id === ''
        ? met(traits, null)
        : met(traits, this.#identity('person', userIdentifier(id), establishment, traits, [], id));
    people.set(establishment, '', userId, found);
    return this.#keep(found)?.hex ?? '';
  }

  /** @returns the token of an object's id as 32 hexadecimal digits, or '' when none is told; nothing goes to the vault */
  object(told: string): string {
    const id = known(told);
    return id === '' ? '' : this.#directory.pseudonym(objectIdentifier(id)).toString('hex');
  }

  list(): Identity[] {
    return this.#found;
  }

  #identity(
    kind: Identity['kind'],
    identifier: Identifier,
    establishment: string,
    traits: Traits,
    linked: readonly string[],
    shown = identifier.value
  ): Identity {
    const pseudonym = this.#directory.pseudonym(identifier);
    const content = JSON.stringify({
      identifier: shown.slice(0, 256),
      authority: identifier.authority.slice(0, 256),
      name: text(traits.name),
      birth_date: text(traits.birthDate),
      sex: text(traits.sex),
      linked: linked.length === 0 ? undefined : linked
    });
    const digest = hash('sha256', content, 'buffer').subarray(0, 16);
    const key = pseudonym.toString('latin1') + digest.toString('latin1');
    return { pseudonym, kind, establishment, content, key, known: undefined };
  }

  #keep({ identity, token, place }: Met): Token | null {
    if (identity === null) return null;
    const at = this.#index === undefined ? this.#places.indexOf(place) : (this.#index.get(place) ?? -1);
    if (at < 0) {
      this.#index?.set(place, this.#places.length);
      this.#found.push(identity);
      this.#places.push(place);
      if (this.#places.length === fewPlaces)
        this.#index = new Map(this.#places.map((one, i) => [one, i] as const));
    } else if ((this.#found[at]?.content.length ?? 0) < identity.content.length) this.#found[at] = identity;
    return token;
  }
}

function text(value: string | undefined): string | undefined {
  const told = known(value ?? '');
  return told === '' ? undefined : told.slice(0, 256);
}
