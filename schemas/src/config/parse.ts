import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { Config } from './config.ts';

/** One thing wrong with a YAML file: where, what, and how to mend it, in one line. */
export interface Complaint {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

/** Thrown when a YAML file cannot be used. The message lists every complaint as `file:line:column path: message`. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
  readonly complaints: readonly Complaint[];
  constructor(file: string, complaints: readonly Complaint[]) {
    const lines = complaints.map(
      ({ line, column, path, message }) => `${file}:${line}:${column} ${path ? path + ' ' : ''}${message}`
    );
    super(`${file} cannot be used:\n  ${lines.join('\n  ')}`);
    this.complaints = complaints;
  }
}

/**
 * Parses vigie.yaml.
 * @param text the file's content
 * @param file its name, for messages
 * @param variables values of `${VIGIE_…}`; where one is missing the default after `:-` holds
 * @throws {ConfigError} naming file, line, column, field and mend for everything that is wrong
 */
export function parseConfig(
  text: string,
  file: string,
  variables: Readonly<Record<string, string | undefined>> = {}
): Config {
  return parseYaml(Config, expandVariables(text, file, variables), file);
}

const variable = /\$\{(VIGIE_[A-Z0-9_]+)(?::-([^}\n]*))?\}/g;

/** Line by line, so that a complaint names the line; comments are left alone. */
function expandVariables(
  text: string,
  file: string,
  variables: Readonly<Record<string, string | undefined>>
): string {
  const missing: Complaint[] = [];
  const lines = text.split('\n').map((line, index) => {
    if (line.trimStart().startsWith('#')) return line;
    return line.replaceAll(variable, (all, name: string, fallback: string | undefined, offset: number) => {
      const value = variables[name] ?? fallback;
      if (value === undefined)
        missing.push({
          line: index + 1,
          column: offset + 1,
          path: '',
          message: `\${${name}} is not set: set it, or write \${${name}:-default}`
        });
      return value ?? all;
    });
  });
  if (missing.length > 0) throw new ConfigError(file, missing);
  return lines.join('\n');
}

/** Parses any YAML file against a schema, with the same messages. */
export function parseYaml<S extends z.ZodType>(schema: S, text: string, file: string): z.infer<S> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, version: '1.2', uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      file,
      document.errors.map((error) => {
        const { line, col } = counter.linePos(error.pos[0]);
        return {
          line,
          column: col,
          path: '',
          message: (error.message.split('\n')[0] ?? '').replace(/ at line.*$/, '')
        };
      })
    );
  }
  const result = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (result.success) return result.data;
  throw new ConfigError(
    file,
    result.error.issues.flatMap((issue) => complaints(issue, document, counter))
  );
}

function complaints(issue: z.core.$ZodIssue, document: Document, counter: LineCounter): Complaint[] {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
  return keys.map((key) => {
    const path = key === undefined ? issue.path : [...issue.path, key];
    const message =
      key === undefined ? describe(issue) : 'is not a known setting: remove it or correct its name';
    return { ...place(path, document, counter), path: show(path), message };
  });
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return `is missing (${issue.message})`;
  return issue.message.replace(/^Invalid /, 'is invalid: ');
}

/** The nearest node that exists: a missing key is shown at its parent. */
function place(
  path: readonly PropertyKey[],
  document: Document,
  counter: LineCounter
): { line: number; column: number } {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      const { line, col } = counter.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}

function show(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    ''
  );
}
