import { Undecodable } from '../undecodable.ts';
import { NamedAttributes, type Attributes } from './attributes.ts';
import { listLimit, takeElement } from './elements.ts';
import { isAttribute, isElement, meantAttribute, meantElement } from './names.ts';
import type { Repair } from './repair.ts';
import { emptyEvent, type ToldEvent } from './told.ts';

const depthLimit = 64;
const eventLimit = 10_000;
export const attributeLimit = 128;

/** Gathers events from the elements of one document, in the order in which a reader meets them. */
export class EventCollector {
  readonly #events: ToldEvent[] = [];
  /** Repairs outside events: they concern all of them. */
  readonly #repairs = new Set<Repair>();
  #event: ToldEvent | null = null;
  #depth = 0;
  /** Text that comes now is an object's name. */
  naming = false;

  /** @throws {Undecodable} too-deep: called before the attributes are read */
  enter(): void {
    this.#depth += 1;
    if (this.#depth > depthLimit)
      throw new Undecodable('too-deep', `elements are nested deeper than ${depthLimit}`);
  }

  /**
   * Takes in an element by its name as told, prefix and all, and its attributes by theirs: misspelt names are mended.
   * @throws {Undecodable} retired-format, bad-value
   */
  open(qualified: string, attributes: Readonly<Record<string, string>>): void {
    const told = localName(qualified);
    const name = isElement(told) ? told : this.#meant(told);
    const named = this.#event === null ? attributes : this.#named(this.#event, name, attributes);
    this.take(name, new NamedAttributes(named));
  }

  /** Takes in an element by its local name. @throws {Undecodable} retired-format, bad-value */
  take(name: string, attributes: Attributes): void {
    if (name === 'AuditMessage') {
      this.#event = emptyEvent();
      this.#events.push(this.#event);
      if (this.#events.length > eventLimit)
        throw new Undecodable('bad-value', `one message holds more than ${eventLimit} events`);
    } else if (this.#event !== null) {
      takeElement(this.#event, name, attributes);
      this.naming = name === 'ParticipantObjectName';
    } else if (this.#depth === 1 && name === 'IHEYr4')
      throw new Undecodable(
        'retired-format',
        'the message is of the IHE provisional format (IHEYr4), retired in 2005: set the sender to DICOM audit messages'
      );
    else if (this.#depth === 1 && name !== 'AuditMessages') this.#repairs.add('foreign-wrapper');
  }

  text(part: string): void {
    const object = this.naming ? this.#event?.objects.at(-1) : undefined;
    if (object !== undefined) object.name += part;
  }

  close(qualified: string): void {
    const told = localName(qualified);
    this.leave(isElement(told) ? told : (meantElement(told) ?? told));
  }

  /** Ends an element by its local name. */
  leave(name: string): void {
    this.#depth -= 1;
    this.naming = false;
    if (name === 'AuditMessage') this.#event = null;
  }

  /** Notes what a reader mended: of the event it stands in, else of the whole document. */
  mended(repair: Repair): void {
    (this.#event?.repairs ?? this.#repairs).add(repair);
  }

  /** @throws {Undecodable} not-an-audit-message, bad-value */
  finish(): readonly ToldEvent[] {
    if (this.#events.length === 0)
      throw new Undecodable('not-an-audit-message', 'the document holds no AuditMessage');
    for (const { participants, objects, repairs } of this.#events) {
      if (participants.length > listLimit || objects.length > listLimit)
        throw new Undecodable('bad-value', `an event lists more than ${listLimit} participants or objects`);
      for (const repair of this.#repairs) repairs.add(repair);
    }
    return this.#events;
  }

  #meant(told: string): string {
    const meant = meantElement(told);
    if (meant === null) return told;
    this.mended('element-name');
    return meant;
  }

  /** The attributes under the names of the schema: the same object where they are spelt right. */
  #named(
    event: ToldEvent,
    element: string,
    attributes: Readonly<Record<string, string>>
  ): Readonly<Record<string, string>> {
    let named: Record<string, string> | undefined;
    for (const name in attributes) {
      if (isAttribute(element, name)) continue;
      const meant = meantAttribute(element, name);
      if (meant === null || Object.hasOwn(attributes, meant)) continue;
      event.repairs.add('attribute-name');
      named ??= { ...attributes };
      named[meant] ??= attributes[name] ?? '';
    }
    return named ?? attributes;
  }
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
