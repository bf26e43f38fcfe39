import { error } from '@sveltejs/kit';
import { mustHave, readerOf } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import type { RequestHandler } from './$types';

/** The 64 bytes of the manifest's Ed25519 signature. */
export const GET: RequestHandler = ({ locals, params }) => {
  const reader = readerOf(locals, 'access');
  mustHave(reader, 'access', 'export');
  const manifest = context().exports.manifest(params.id, reader.login);
  if (!manifest) error(404, { message: 'not-found' });
  return new Response(new Uint8Array(manifest.signature), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="vigie-acces-${params.id}.manifest.sig"`
    }
  });
};
