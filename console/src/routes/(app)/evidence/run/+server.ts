import { json } from '@sveltejs/kit';
import { readerOf } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import type { RequestHandler } from './$types';

/** How far the running verification is: asked every second by the page. */
export const GET: RequestHandler = ({ locals }) => {
  readerOf(locals, 'evidence');
  const { verification } = context();
  return json({ running: verification.running, progress: verification.run?.progress });
};
