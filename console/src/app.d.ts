import type { Reader } from './lib/server/access/reader.ts';
import type { Language } from './lib/text/language.ts';

declare global {
  namespace App {
    interface Locals {
      language: Language;
      /** The signed-in reader; undefined on the pages that need none. */
      reader: Reader | undefined;
      /** Opaque id of the request, quoted by error pages and logs. */
      requestId: string;
    }
    interface Error {
      message: string;
      id?: string;
      /** Why it is refused, for the page that says who may see it. */
      forbidden?: { page: string; roles: readonly string[] };
    }
  }
}

export {};
