import { SaxesParser } from 'saxes';
import { Undecodable } from '../undecodable.ts';
import { attributeLimit, EventCollector } from './collector.ts';
import type { ToldEvent } from './told.ts';

/** Invariant: after a throw the parser's state is unknown, so a new one is made. */
let reader = createReader();

/**
 * Reads any well-formed document. No DOCTYPE, so no entities beyond the five of XML; depth and attributes are bounded.
 * @throws {Undecodable} not-well-formed, doctype-refused, too-deep, not-an-audit-message, bad-value
 */
export function parseAuditXml(text: string): readonly ToldEvent[] {
  try {
    return reader(text);
  } catch (error) {
    reader = createReader();
    throw error;
  }
}

function createReader(): (text: string) => readonly ToldEvent[] {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let collector = new EventCollector();
  let attributes = 0;
  let length = 0;

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
    collector.enter();
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > attributeLimit)
      throw new Undecodable('bad-value', `an element has more than ${attributeLimit} attributes`);
  });
  parser.on('opentag', (tag) => collector.open(tag.name, tag.attributes));
  parser.on('text', (part) => collector.text(part));
  parser.on('cdata', (part) => collector.text(part));
  parser.on('closetag', (tag) => collector.close(tag.name));

  return (document) => {
    collector = new EventCollector();
    length = document.length;
    parser.write(document).close();
    return collector.finish();
  };
}
