import { readerOf } from '#lib/server/access/guard.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals }) => {
  readerOf(locals, 'overview');
  return {};
};
