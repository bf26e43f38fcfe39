import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Config } from './config.ts';

/** SHA-256 of the file as sha256sum prints it, and of each of its parts as they are understood. */
export const ConfigDigests = z.object({ file: z.string(), parts: z.record(z.string(), z.string()) });
export type ConfigDigests = z.infer<typeof ConfigDigests>;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** @param text the file as read · @param config the same, parsed */
export function configDigests(text: string, config: Config): ConfigDigests {
  const parts = Object.entries(config).map(([name, part]) => [name, sha256(JSON.stringify(part))] as const);
  return { file: sha256(text), parts: Object.fromEntries(parts) };
}

/**
 * What differs between two readings: names of the parts, or `text` when only comments, blanks or their order do.
 * Without an earlier reading there is nothing to differ from.
 */
export function changedParts(before: ConfigDigests | undefined, now: ConfigDigests): string[] {
  if (before === undefined) return [];
  if (before.file === now.file && sameParts(before, now)) return [];
  const names = new Set([...Object.keys(before.parts), ...Object.keys(now.parts)]);
  const parts = [...names].filter((name) => before.parts[name] !== now.parts[name]).toSorted();
  return parts.length === 0 ? ['text'] : parts;
}

const sameParts = (a: ConfigDigests, b: ConfigDigests) => JSON.stringify(a.parts) === JSON.stringify(b.parts);
