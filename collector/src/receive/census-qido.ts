import { z } from 'zod';
import {
  dateRange,
  timeRange,
  type Answer,
  type CensusPull,
  type StudyQuery,
  type ToldStudy
} from './census-ask.ts';
import { authorizationOf, fetchAnswer, PullError } from './pull.ts';

/** Studies asked for at once; archives that give fewer are asked on from there. */
const page = 500;
/** Accession Number, Modalities in Study, Institution Name, Study Instance UID, Number of Study Related Instances. */
const wanted = ['00080050', '00080061', '00080080', '0020000D', '00201208'];
const maxBytes = 20_000_000;

const Value = z.looseObject({ Value: z.array(z.unknown()).optional() });
const Studies = z.array(z.record(z.string(), Value));

/**
 * One QIDO-RS search for studies (PS3.18 §10.6), page by page.
 * @param wait called before each request: keeps to the rate that the archive is asked at
 * @throws {PullError} status, timeout, unreachable, not-readable, configuration: the archive and the mend
 */
export async function searchStudies(
  pull: CensusPull,
  query: StudyQuery,
  signal: AbortSignal,
  wait: () => Promise<void>
): Promise<Answer> {
  const found = new Map<string, ToldStudy>();
  for (;;) {
    await wait();
    const { studies, more } = await searchPage(pull, query, found.size, signal);
    const before = found.size;
    for (const study of studies) found.set(study.study, study);
    const added = found.size - before;
    if (found.size >= pull.max_studies) return { studies: [...found.values()], gap: 'truncated' };
    // An archive that pages by itself gives fewer than asked for, and says that there are more.
    if (studies.length === 0 || (studies.length < page && !more)) return whole(found);
    if (added === 0) return { studies: [...found.values()], gap: more ? 'truncated' : undefined };
    if (signal.aborted) return { studies: [...found.values()], gap: 'aborted' };
  }
}

const whole = (found: ReadonlyMap<string, ToldStudy>): Answer => ({
  studies: [...found.values()],
  gap: undefined
});

async function searchPage(
  pull: CensusPull,
  query: StudyQuery,
  offset: number,
  signal: AbortSignal
): Promise<{ studies: ToldStudy[]; more: boolean }> {
  const root = pull.url ?? '';
  const url = new URL('studies', root.endsWith('/') ? root : `${root}/`);
  const asked: Record<string, string | undefined> = {
    StudyDate: dateRange(query),
    StudyInstanceUID: query.study,
    ModalitiesInStudy: query.modality,
    StudyTime: query.hours && timeRange(query.hours),
    limit: String(page),
    offset: String(offset)
  };
  for (const [key, value] of Object.entries(asked)) if (value !== undefined) url.searchParams.set(key, value);
  // One by one: Orthanc does not read a list whose commas are escaped.
  for (const tag of wanted) url.searchParams.append('includefield', tag);
  const name = `the archive ${pull.system} (${url.host})`;
  const headers = { accept: 'application/dicom+json', ...(await authorizationOf(pull)) };
  const options = { timeoutMs: pull.timeout_seconds * 1000, maxBytes, headers, signal };
  const { text, warning } = await fetchAnswer(url.href, options).catch((error: unknown) => {
    throw named(error, name);
  });
  const parsed = Studies.safeParse(text.trim() === '' ? [] : parse(text, name));
  if (!parsed.success)
    throw new PullError(
      'not-readable',
      `${name} does not answer in DICOM JSON: check that url is the root of its DICOMweb`
    );
  return { studies: parsed.data.flatMap(toldStudy), more: /\b299\b/.test(warning) };
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PullError('not-readable', `${name} does not answer in JSON: check that url is its DICOMweb`);
  }
}

/** The same failure, with the archive and what to do. */
function named(error: unknown, name: string): unknown {
  if (!(error instanceof PullError)) return error;
  const mend =
    error.status === 401 || error.status === 403
      ? ': check username and password_file of the pull, and the rights of that user'
      : error.status === 404
        ? ': check that url is the root of its DICOMweb'
        : '';
  const { status } = error;
  return new PullError(error.code, `${name}: ${error.message}${mend}`, {
    cause: error,
    ...(status !== undefined && { status })
  });
}

function toldStudy(attributes: z.infer<typeof Studies>[number]): ToldStudy[] {
  const values = (tag: string) => attributes[tag]?.Value ?? [];
  const text = (tag: string) => {
    const [value] = values(tag);
    return typeof value === 'string' ? value.trim() : '';
  };
  const study = text('0020000D');
  const instances = Number(values('00201208')[0] ?? NaN);
  if (study === '') return [];
  return [
    {
      study,
      accession: text('00080050'),
      institution: text('00080080'),
      modalities: values('00080061').filter((one) => typeof one === 'string'),
      instances: Number.isSafeInteger(instances) && instances >= 0 ? instances : undefined
    }
  ];
}
