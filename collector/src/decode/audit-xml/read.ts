import { SaxesParser } from 'saxes';
import { decodeText } from '../charset.ts';
import { Undecodable } from '../undecodable.ts';
import { auditBody } from './body.ts';
import { listLimit, takeElement } from './elements.ts';
import { emptyEvent, type ToldEvent } from './told.ts';

export interface ToldAudit {
  readonly canonical: Buffer;
  /** One, or several in an `AuditMessages` wrapper. */
  readonly events: readonly ToldEvent[];
  readonly repairs: readonly string[];
}

const depthLimit = 64;
const attributeLimit = 128;
const eventLimit = 10_000;
/** `&` that begins neither a character nor a predefined entity reference. */
const rawAmpersand = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)/g;

/**
 * Reads a DICOM audit document (PS3.15 A.5, RFC 3881) of any era, by local names.
 * No DOCTYPE, so no entities beyond the five of XML; depth, attributes and events are bounded.
 * @param bytes the document, with what transports left around it
 * @throws {Undecodable} no-xml, not-utf8, not-well-formed, doctype-refused, too-deep, not-an-audit-message, bad-value
 */
export function readAuditXml(bytes: Buffer): ToldAudit {
  const { canonical, repairs } = auditBody(bytes);
  const { text, repairs: charset } = decodeText(canonical);
  try {
    return { canonical, events: parse(text), repairs: [...repairs, ...charset] };
  } catch (error) {
    if (!(error instanceof Undecodable) || error.reason !== 'not-well-formed') throw error;
    const mended = text.replaceAll(rawAmpersand, '&amp;');
    if (mended === text) throw error;
    return { canonical, events: parse(mended), repairs: [...repairs, ...charset, 'raw-ampersand'] };
  }
}

/** Invariant: after a throw the parser's state is unknown, so a new one is made. */
let reader = createReader();

function parse(text: string): readonly ToldEvent[] {
  try {
    return reader(text);
  } catch (error) {
    reader = createReader();
    throw error;
  }
}

function createReader(): (text: string) => readonly ToldEvent[] {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let events: ToldEvent[] = [];
  let event: ToldEvent | null = null;
  let depth = 0;
  let attributes = 0;
  let length = 0;
  let naming = false;

  parser.on('error', () => {
    const where = Math.min(parser.position, length);
    const cut = where >= length - 1 ? ': it ends too early, so it was probably truncated on its way' : '';
    throw new Undecodable('not-well-formed', `the XML breaks at character ${where} of ${length}${cut}`);
  });
  parser.on('doctype', () => {
    throw new Undecodable('doctype-refused', 'the document declares a DOCTYPE: audit messages have none');
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    depth += 1;
    if (depth > depthLimit)
      throw new Undecodable('too-deep', `elements are nested deeper than ${depthLimit}`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > attributeLimit)
      throw new Undecodable('bad-value', `an element has more than ${attributeLimit} attributes`);
  });
  parser.on('opentag', (tag) => {
    const name = localName(tag.name);
    if (name === 'AuditMessage' && event === null) {
      event = emptyEvent();
      events.push(event);
      if (events.length > eventLimit)
        throw new Undecodable('bad-value', `one message holds more than ${eventLimit} events`);
    } else if (event !== null) {
      takeElement(event, name, tag.attributes);
      naming = name === 'ParticipantObjectName';
    } else if (depth === 1 && name !== 'AuditMessages')
      throw new Undecodable(
        'not-an-audit-message',
        'the root element is neither AuditMessage nor AuditMessages'
      );
  });
  const text = (part: string) => {
    const object = event?.objects.at(-1);
    if (naming && object !== undefined) object.name += part;
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', (tag) => {
    depth -= 1;
    naming = false;
    if (event !== null && localName(tag.name) === 'AuditMessage') event = null;
  });

  return (document) => {
    events = [];
    event = null;
    depth = 0;
    naming = false;
    length = document.length;
    parser.write(document).close();
    if (events.length === 0)
      throw new Undecodable('not-an-audit-message', 'the wrapper holds no AuditMessage');
    for (const one of events)
      if (one.participants.length > listLimit || one.objects.length > listLimit)
        throw new Undecodable('bad-value', `an event lists more than ${listLimit} participants or objects`);
    return events;
  };
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
