import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { bareAddress } from '../normalise/network.ts';
import { RefusedError, type RefusalCode } from './http-errors.ts';

export type Env = { Bindings: Partial<HttpBindings> };

/** The refusal that an error comes to; what nobody foresaw is told to the observer. */
export function codeOf(error: unknown, observe: { failed(error: Error): void }): RefusalCode {
  if (error instanceof RefusedError) return error.code;
  if (error instanceof Error && 'code' in error && error.code === 'spool-full') return 'spool-full';
  observe.failed(error instanceof Error ? error : new Error('not an error'));
  return 'unforeseen';
}

/** Address of the sender, without its port. */
export function peerOf(context: Context<Env>): string {
  return bareAddress(context.env?.incoming?.socket.remoteAddress ?? '') ?? '';
}
