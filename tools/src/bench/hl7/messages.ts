/** Steps of one exam as a RIS and a HIS send them; the message `n` is step `n % 5` of exam `n / 5`. Some 600 to 900 bytes. */
export function hl7Message(n: number): string {
  const exam = Math.floor(n / 5);
  const accession = `B${String(exam).padStart(8, '0')}`;
  const at = timeOf(exam * 240 + (n % 5) * 60);
  const facility = ['TROYES', 'HPA', 'GHAM'][exam % 3] ?? '';
  const modality = ['CT', 'MR', 'DX', 'US'][exam % 4] ?? '';
  const patient = 100_000 + (exam % 20_000);
  const head = (type: string) => [
    `MSH|^~\\&|RIS|${facility}|VIGIE|GHT|${at}||${type}|N${n}|P|2.5.1||||||UNICODE UTF-8`,
    `PID|1||${patient}^^^GHT&1.2.250.1.999.10.1&ISO^PI~${patient}0387654^^^ASIP-SANTE-INS-NIR-TEST&1.2.250.1.213.1.4.10&ISO^INS||PATIENT^NUMÉRO ${patient}||19600412|F|||12 rue de l\\T\\Hôpital^^Troyes^^10000||0325000000${'|'.repeat(19)}VALI`,
    `PV1|1|O|IMAGERIE^R1^1^${facility}||||1234^MEDECIN^Rita^^^DR||||||||||||V${900_000 + exam}^^^GHT&1.2.250.1.999.20&ISO^VN`
  ];
  const obr = (more: string) =>
    `OBR|1|O${accession}|F${accession}|TDMTHO^Scanner thorax^LOCAL^ZBQH001^Scanographie^CCAM|||${at}|||||||||1234^MEDECIN^Rita||${accession}||SALLE${exam % 20}||||${modality}${more}`;
  switch (n % 5) {
    case 0:
      return text([...head('ORM^O01^ORM_O01'), `ORC|NW|O${accession}|F${accession}|||||||${at}|||1234^MEDECIN^Rita`, obr(''), `ZDS|${studyOf(exam)}^Application^DICOM`]); // prettier-ignore
    case 1:
      return text([...head('SIU^S12^SIU_S12').slice(0, 1), `SCH|R${exam}|||||||30|min||^^^${at}${'|'.repeat(14)}BOOKED|O${accession}|${accession}`, ...head('').slice(1), 'RGS|1', `AIS|1||TDMTHO^Scanner thorax^LOCAL|${at}`, `AIL|1||SALLE${exam % 20}^Salle^${facility}`]); // prettier-ignore
    case 2:
      return text([...head('OMI^O23^OMI_O23'), `ORC|XO|O${accession}|F${accession}||IP||||${at}`, `TQ1|1||||||${at}||R`, obr(''), `IPC|${accession}|O${accession}|${studyOf(exam)}|SPS1|${modality}|||SALLE${exam % 20}|SALLE${exam % 20}`]); // prettier-ignore
    case 3:
      return text([...head('ORM^O01^ORM_O01'), `ORC|XO|O${accession}|F${accession}||CM||||${at}`, obr(''), `ZDS|${studyOf(exam)}^Application^DICOM`]); // prettier-ignore
    default:
      return text([...head('ORU^R01^ORU_R01'), `ORC|RE|O${accession}|F${accession}||CM`, obr(`|F|||||||9${exam % 7}&LECTEUR&Rob^^^^^^${facility}`), `OBX|1|TX|18748-4^Compte rendu^LN||Pas d'anomalie.\\.br\\Conclusion : examen normal.||||||F|||${at}`, `OBX|2|HD|113014^Study Instance UID^DCM||${studyOf(exam)}||||||F`]); // prettier-ignore
  }
}

const text = (segments: readonly string[]) => `${segments.join('\r')}\r`;
const studyOf = (exam: number) => `1.2.250.1.999.30.${exam}`;
/** Seconds after a morning of 2026, as an HL7 time with a zone. */
const timeOf = (seconds: number) =>
  `${new Date(Date.UTC(2026, 5, 1, 6) + seconds * 1000).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}+0000`;
