import { findStudies, type Holdings } from './archive.ts';

/** The answer to `GET …/studies?StudyDate=…` (PS3.18 §10.6), in DICOM JSON, page by page. */
export function answerQido(search: URLSearchParams, holdings: Holdings): string {
  const asked = (name: string) => search.get(name) ?? '';
  const offset = Number(asked('offset')) || 0;
  const limit = Number(asked('limit')) || Infinity;
  const studies = findStudies(holdings, {
    date: asked('StudyDate'),
    time: asked('StudyTime'),
    modality: asked('ModalitiesInStudy'),
    study: asked('StudyInstanceUID')
  });
  const value = (vr: string, ...values: (string | number)[]) => ({
    vr,
    ...(values[0] !== '' && { Value: values })
  });
  return JSON.stringify(
    studies.slice(offset, offset + limit).map((one) => ({
      '00080020': value('DA', one.date),
      '00080030': value('TM', one.time),
      '00080050': value('SH', one.accession),
      '00080061': value('CS', one.modality),
      '00080080': value('LO', one.institution),
      '0020000D': value('UI', one.study),
      '00201208': value('IS', one.instances)
    }))
  );
}
