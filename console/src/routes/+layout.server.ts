import { simulated } from '#lib/server/query/signals.ts';
import { context } from '#lib/server/context.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals }) => ({
  language: locals.language,
  simulated: await simulated(context().client)
});
