import { SaxesParser } from 'saxes';
import { Undecodable } from '../undecodable.ts';
import { attach, resourceOf, type Frame } from './xml-tree.ts';

export const namespace = 'http://hl7.org/fhir';
const depthLimit = 64;
const elementLimit = 200_000;
const attributeLimit = 128;

/**
 * A parser of FHIR XML: no DOCTYPE, so no entities beyond the five of XML; depth, elements and attributes are bounded.
 * Names are told without prefix, and narrative (`div`) is passed over.
 * @throws {Undecodable} not-well-formed, doctype-refused, too-deep, bad-value, not-an-audit-message (another namespace)
 */
export function walkFhirXml(
  text: string,
  on: {
    /** @param end position in the text after the start tag; @param start that of its `<` */
    open(name: string, attributes: Readonly<Record<string, string>>, start: number): void;
    /** @param end position in the text after the end tag */
    close(name: string, end: number): void;
  },
  limit = elementLimit
): void {
  const parser = new SaxesParser({ xmlns: false, position: true });
  let depth = 0;
  let elements = 0;
  let attributes = 0;
  let narrative = 0;
  let start = 0;
  parser.on('error', () => {
    throw new Undecodable(
      'not-well-formed',
      `the XML breaks at character ${Math.min(parser.position, text.length)}`
    );
  });
  parser.on('doctype', () => {
    throw new Undecodable('doctype-refused', 'the document declares a DOCTYPE: FHIR has none');
  });
  parser.on('opentagstart', ({ name }) => {
    // The name has been read, and the character that ends it.
    start = text.lastIndexOf('<', parser.position - name.length - 1);
    depth += 1;
    elements += 1;
    attributes = 0;
    if (depth > depthLimit)
      throw new Undecodable('too-deep', `elements are nested deeper than ${depthLimit}`);
    if (elements > limit)
      throw new Undecodable(
        'bad-value',
        `the document holds more than ${limit} elements: send smaller batches`
      );
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > attributeLimit)
      throw new Undecodable('bad-value', `an element has more than ${attributeLimit} attributes`);
  });
  parser.on('opentag', (tag) => {
    const name = localName(tag.name);
    if (narrative > 0 || name === 'div') narrative += 1;
    if (narrative > 0) return;
    if (depth === 1) refuseNamespace(tag.name, tag.attributes);
    on.open(name, tag.attributes, start);
  });
  parser.on('closetag', (tag) => {
    depth -= 1;
    if (narrative > 0) narrative -= 1;
    else on.close(localName(tag.name), parser.position);
  });
  parser.write(text).close();
}

/** Reads one resource of FHIR XML as FHIR JSON has it. @throws {Undecodable} as walkFhirXml */
export function readFhirXml(text: string): Record<string, unknown> {
  const stack: Frame[] = [];
  let root: Record<string, unknown> | undefined;
  walkFhirXml(text, {
    open(name, attributes) {
      stack.push({ name, attributes, children: new Map() });
    },
    close() {
      const frame = stack.pop();
      const parent = stack.at(-1);
      if (frame === undefined) return;
      if (parent === undefined) root = resourceOf(frame);
      else if (parent.name === 'contained') parent.children.set('resource', [resourceOf(frame)]);
      else if (frame.name === 'contained') {
        const [resource] = frame.children.get('resource') ?? [];
        const before = parent.children.get('contained');
        if (before === undefined) parent.children.set('contained', [resource ?? {}]);
        else before.push(resource ?? {});
      } else attach(parent, frame);
    }
  });
  return root ?? {};
}

/** A document without namespace is taken: nothing else is called AuditEvent. */
function refuseNamespace(name: string, attributes: Readonly<Record<string, string>>): void {
  const colon = name.indexOf(':');
  const told = attributes[colon < 0 ? 'xmlns' : `xmlns:${name.slice(0, colon)}`];
  if (told !== undefined && told !== namespace)
    throw new Undecodable('not-an-audit-message', `the root element is not of the namespace ${namespace}`);
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
