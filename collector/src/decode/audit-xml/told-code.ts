import { at, type Attributes } from './attributes.ts';
import { meantSystem } from './names.ts';
import type { ToldCode, ToldEvent } from './told.ts';

const systems = new Set(['DCM', 'RFC-3881', 'IHE', 'IHE TRANSACTIONS', 'IHE XDS METADATA', '99DCM4CHEE']);
const exact = new Set(['DCM', 'RFC-3881', 'IHE Transactions', 'IHE']);
const isSystem = (name: string) => systems.has(name.trim().toUpperCase());
/** Codes that are surely no words and no coding systems: of DICOM and of IHE. */
const surely = /^(?:11\d{4}|(?:ITI|RAD|PCC)-\d{1,4}|IHE\d{4})$/;

/** Coded values of all eras: `csd-code` (2011 on) or `code`; originalText or displayName. Null without a code. */
export function toldCode(event: ToldEvent, attributes: Attributes): ToldCode | null {
  const code = (attributes.get(at['csd-code']) ?? attributes.get(at.code) ?? '').trim();
  if (code === '') return null;
  const system = attributes.get(at.codeSystemName) ?? attributes.get(at.codeSystem) ?? '';
  const text = attributes.get(at.originalText) ?? attributes.get(at.displayName) ?? '';
  if (exact.has(system) && surely.test(code)) return { code, system, text };
  const ordered = inOrder(code, system, text);
  if (ordered !== undefined) {
    event.repairs.add('swapped-code');
    return ordered;
  }
  const meant = meantSystem(system);
  if (meant === null) return { code, system, text };
  event.repairs.add('code-system');
  return { code, system: meant, text };
}

/** The parts of a coded value where each belongs; undefined when they are there already, as far as one can know. */
function inOrder(code: string, system: string, text: string): ToldCode | undefined {
  if (isSystem(text) && !isSystem(system)) return { code, system: text, text: system };
  if (surely.test(code)) return undefined;
  if (surely.test(text.trim())) return { code: text.trim(), system, text: code };
  if (surely.test(system.trim()) && isSystem(code)) return { code: system.trim(), system: code, text };
  return undefined;
}
