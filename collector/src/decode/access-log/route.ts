export interface Route {
  readonly service: 'QIDO' | 'WADO' | 'STOW' | 'HTTP';
  /** The path with its parameters named, of words of PS3.18 alone: `/studies/{study}/metadata`. */
  readonly template: string;
  /** Study Instance UID as told, of the path or, for a search and WADO-URI, of the query; '' when none is. */
  readonly study: string;
}

/** Resources below a study, and the name of what identifies one. */
const levels = [
  ['studies', '{study}'],
  ['series', '{series}'],
  ['instances', '{instance}'],
  ['frames', '{frames}']
] as const;
const tails = new Set(['metadata', 'rendered', 'thumbnail', 'bulkdata', 'pixeldata']);
const studyInQuery = /(?:^|&)(?:StudyInstanceUID|0020000D|studyUID)=([0-9.]+)(?=&|$)/i;

/**
 * What a request asks for (DICOM PS3.18): search (QIDO-RS), retrieve (WADO-RS, WADO-URI), store (STOW-RS), whatever path the
 * service lies below. Of the query only a Study Instance UID is read: names of patients stay where they are. Pure.
 */
export function routeOf(method: string, path: string, query: string): Route {
  const segments = path.split('/').filter((part) => part !== '');
  const asked = studyInQuery.exec(query)?.[1] ?? '';
  if (/(?:^|&)requestType=WADO(?=&|$)/i.test(query))
    return { service: reading(method) ? 'WADO' : 'HTTP', template: '/wado', study: asked };
  const from = segments.findIndex((part) => levels.slice(0, 3).some(([name]) => name === part));
  if (from < 0) return { service: 'HTTP', template: '/other', study: '' };
  const { template, study, collection } = walk(segments.slice(from));
  const storing = method === 'POST' && (template === '/studies' || template === '/studies/{study}');
  const service = storing ? 'STOW' : !reading(method) ? 'HTTP' : collection ? 'QIDO' : 'WADO';
  return { service, template, study: study || asked };
}

const reading = (method: string) => method === 'GET' || method === 'HEAD';

/** Follows the resources; `collection` when the path ends at a list of them. */
function walk(segments: readonly string[]): { template: string; study: string; collection: boolean } {
  let template = '';
  let study = '';
  let at = 0;
  for (const [name, parameter] of levels) {
    if (segments[at] !== name) continue;
    template += `/${name}`;
    const value = segments[at + 1];
    if (value === undefined) return { template, study, collection: name !== 'frames' };
    template += `/${parameter}`;
    if (name === 'studies') study = value;
    at += 2;
  }
  const tail = segments[at];
  if (tail !== undefined) template += tails.has(tail) ? `/${tail}` : '/other';
  return { template, study, collection: false };
}
