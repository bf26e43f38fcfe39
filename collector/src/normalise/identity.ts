import { objectIdentifier, readIdentifier, userIdentifier, type Identifier } from '@vigie/schemas/pseudonym';
import type { Identity } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { known } from './told-values.ts';

/** What messages tell about a patient or a person beside the identifier. */
export interface Traits {
  readonly name?: string;
  readonly birthDate?: string;
  readonly sex?: string;
}

/**
 * Collects the identities of one reception, each pseudonym once; those that tell most win.
 * Content is `{ identifier, authority, name?, birth_date?, sex?, linked? }`; `linked` lists the other pseudonyms
 * (hex) told for the same person.
 */
export class Identities {
  readonly #directory: Directory;
  readonly #found = new Map<string, Identity>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** @returns the pseudonym, or null when the identifier stands for "unknown" */
  patient(told: string, source: string, establishment: string, traits: Traits = {}): Buffer | null {
    const identifier = readIdentifier(told, this.#directory.patientAuthorityOf(source));
    return this.patientIdentifier(identifier, establishment, traits);
  }

  patientIdentifier(
    identifier: Identifier,
    establishment: string,
    traits: Traits = {},
    linked: readonly string[] = []
  ): Buffer | null {
    if (known(identifier.value) === '') return null;
    return this.#add('patient', identifier, establishment, traits, linked);
  }

  /** @returns the pseudonym as 32 hexadecimal digits, or '' when nobody is named */
  person(userId: string, establishment: string, traits: Traits = {}): string {
    const id = known(userId);
    if (id === '') return '';
    return this.#add('person', userIdentifier(id), establishment, traits, [], id).toString('hex');
  }

  /** @returns the token of an object's id as 32 hexadecimal digits, or '' when none is told; nothing goes to the vault */
  object(told: string): string {
    const id = known(told);
    return id === '' ? '' : this.#directory.pseudonym(objectIdentifier(id)).toString('hex');
  }

  list(): Identity[] {
    return [...this.#found.values()];
  }

  #add(
    kind: Identity['kind'],
    identifier: Identifier,
    establishment: string,
    traits: Traits,
    linked: readonly string[],
    shown = identifier.value
  ): Buffer {
    const pseudonym = this.#directory.pseudonym(identifier);
    const content = JSON.stringify({
      identifier: shown.slice(0, 256),
      authority: identifier.authority.slice(0, 256),
      name: text(traits.name),
      birth_date: text(traits.birthDate),
      sex: text(traits.sex),
      linked: linked.length === 0 ? undefined : linked
    });
    const key = `${kind}${establishment}|${pseudonym.toString('latin1')}`;
    const before = this.#found.get(key);
    if (before === undefined || before.content.length < content.length)
      this.#found.set(key, { pseudonym, kind, establishment, content });
    return pseudonym;
  }
}

function text(value: string | undefined): string | undefined {
  const told = known(value ?? '');
  return told === '' ? undefined : told.slice(0, 256);
}
