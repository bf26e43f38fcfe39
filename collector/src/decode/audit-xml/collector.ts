import { Undecodable } from '../undecodable.ts';
import { listLimit, takeElement } from './elements.ts';
import { emptyEvent, type ToldEvent } from './told.ts';

const depthLimit = 64;
const eventLimit = 10_000;
export const attributeLimit = 128;

/** Gathers events from the elements of one document, in the order in which either reader meets them. */
export class EventCollector {
  readonly #events: ToldEvent[] = [];
  #event: ToldEvent | null = null;
  #depth = 0;
  #naming = false;

  /** @throws {Undecodable} too-deep: called before the attributes are read */
  enter(): void {
    this.#depth += 1;
    if (this.#depth > depthLimit)
      throw new Undecodable('too-deep', `elements are nested deeper than ${depthLimit}`);
  }

  /** @throws {Undecodable} not-an-audit-message, bad-value */
  open(qualified: string, attributes: Readonly<Record<string, string>>): void {
    const name = localName(qualified);
    if (this.#event !== null) {
      takeElement(this.#event, name, attributes);
      this.#naming = name === 'ParticipantObjectName';
    } else if (name === 'AuditMessage') {
      this.#event = emptyEvent();
      this.#events.push(this.#event);
      if (this.#events.length > eventLimit)
        throw new Undecodable('bad-value', `one message holds more than ${eventLimit} events`);
    } else if (this.#depth === 1 && name !== 'AuditMessages')
      throw new Undecodable(
        'not-an-audit-message',
        'the root element is neither AuditMessage nor AuditMessages'
      );
  }

  text(part: string): void {
    const object = this.#naming ? this.#event?.objects.at(-1) : undefined;
    if (object !== undefined) object.name += part;
  }

  close(qualified: string): void {
    this.#depth -= 1;
    this.#naming = false;
    if (this.#event !== null && localName(qualified) === 'AuditMessage') this.#event = null;
  }

  /** @throws {Undecodable} not-an-audit-message, bad-value */
  finish(): readonly ToldEvent[] {
    if (this.#events.length === 0)
      throw new Undecodable('not-an-audit-message', 'the wrapper holds no AuditMessage');
    for (const { participants, objects } of this.#events)
      if (participants.length > listLimit || objects.length > listLimit)
        throw new Undecodable('bad-value', `an event lists more than ${listLimit} participants or objects`);
    return this.#events;
  }
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
