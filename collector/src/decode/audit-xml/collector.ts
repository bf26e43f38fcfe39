import { Undecodable } from '../undecodable.ts';
import { listLimit, takeElement } from './elements.ts';
import { isAttribute, isElement, meantAttribute, meantElement } from './names.ts';
import type { Repair } from './repair.ts';
import { emptyEvent, type ToldEvent } from './told.ts';

const depthLimit = 64;
const eventLimit = 10_000;
export const attributeLimit = 128;

export type Attributes = Readonly<Record<string, string>>;

/** Gathers events from the elements of one document, in the order in which a reader meets them. */
export class EventCollector {
  readonly #events: ToldEvent[] = [];
  /** Repairs outside events: they concern all of them. */
  readonly #repairs = new Set<Repair>();
  #event: ToldEvent | null = null;
  #depth = 0;
  #naming = false;

  /** @throws {Undecodable} too-deep: called before the attributes are read */
  enter(): void {
    this.#depth += 1;
    if (this.#depth > depthLimit)
      throw new Undecodable('too-deep', `elements are nested deeper than ${depthLimit}`);
  }

  /** @throws {Undecodable} retired-format, bad-value */
  open(qualified: string, attributes: Attributes): void {
    const told = localName(qualified);
    const name = isElement(told) ? told : this.#meant(told);
    if (name === 'AuditMessage') {
      this.#event = emptyEvent();
      this.#events.push(this.#event);
      if (this.#events.length > eventLimit)
        throw new Undecodable('bad-value', `one message holds more than ${eventLimit} events`);
    } else if (this.#event !== null) {
      takeElement(this.#event, name, this.#named(this.#event, name, attributes));
      this.#naming = name === 'ParticipantObjectName';
    } else if (this.#depth === 1 && name === 'IHEYr4')
      throw new Undecodable(
        'retired-format',
        'the message is of the IHE provisional format (IHEYr4), retired in 2005: set the sender to DICOM audit messages'
      );
    else if (this.#depth === 1 && name !== 'AuditMessages') this.#repairs.add('foreign-wrapper');
  }

  text(part: string): void {
    const object = this.#naming ? this.#event?.objects.at(-1) : undefined;
    if (object !== undefined) object.name += part;
  }

  close(qualified: string): void {
    this.#depth -= 1;
    this.#naming = false;
    const told = localName(qualified);
    if (this.#event !== null && (told === 'AuditMessage' || meantElement(told) === 'AuditMessage'))
      this.#event = null;
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
  #named(event: ToldEvent, element: string, attributes: Attributes): Attributes {
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
