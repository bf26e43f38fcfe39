import type { Config } from '@vigie/schemas';
import { pseudonym, readIdentifier } from '@vigie/schemas/pseudonym';

/** Authorities under which a bare INS matricule may have been told. */
const insAuthorities = [
  '1.2.250.1.213.1.4.8',
  '1.2.250.1.213.1.4.9',
  '1.2.250.1.213.1.4.10',
  '1.2.250.1.213.1.4.11'
];

/**
 * Pseudonyms that an identifier as typed may stand for: with its own authority when it names one (HL7 CX), else under the
 * issuer of every declared system, and under those of the INS when it looks like one (13 or 15 characters).
 */
export function patientPseudonyms(typed: string, config: Config, key: Buffer): string[] {
  const authorities = typed.includes('^')
    ? ['']
    : [...new Set(config.systems.flatMap((system) => system.patient_id_authority ?? []))].concat(
        /^[\d\sAB]{13,23}$/i.test(typed) ? insAuthorities : []
      );
  const found = authorities.map((authority) =>
    pseudonym(key, insForm(readIdentifier(typed, authority))).toString('hex')
  );
  return [...new Set(found)];
}

/** An INS typed without its two key digits is already in normal form. */
function insForm(identifier: { authority: string; value: string }) {
  return insAuthorities.includes(identifier.authority)
    ? { ...identifier, value: identifier.value.replaceAll(/\s/g, '').slice(0, 13) }
    : identifier;
}
