import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

/** What keeps the sensor from starting, in a sentence. */
export class SensorUsageError extends Error {}

const whole = (most: number) => z.coerce.number().int().min(1).max(most);
const Ports = z
  .string()
  .regex(/^(any|\d{1,5}(,\d{1,5})*)$/, 'must be port numbers such as 104,11112, or "any"')
  .transform((text) => (text === 'any' ? undefined : new Set(text.split(',').map(Number))));

const Settings = z
  .strictObject({
    interface: z
      .string()
      .regex(/^[\w.:@-]{1,64}$/, 'must be the name of a network interface')
      .optional(),
    read: z.string().min(1).optional(),
    ports: Ports.prefault('104,11112'),
    url: z.url({ protocol: /^https?$/, error: 'must be an address such as http://vigie.example:8480' }),
    'key-file': z.string().min(1).optional(),
    spool: z.string().min(1),
    'spool-mb': whole(1_000_000).prefault(256),
    print: z.boolean().default(false),
    'idle-minutes': whole(10_000).prefault(60),
    'slice-minutes': whole(1440).prefault(15),
    connections: whole(1_000_000).prefault(20_000),
    tcpdump: z.string().min(1).default('tcpdump')
  })
  .refine((one) => (one.interface === undefined) !== (one.read === undefined), {
    error: 'give either --interface or --read'
  })
  .refine((one) => one.print || one['key-file'] !== undefined, { error: 'give --key-file, or --print' });

export type SensorConfig = z.infer<typeof Settings> & { readonly key: string };

/** Flags, and variables where a flag is missing. @throws {SensorUsageError} naming what is wrong */
export function sensorConfig(
  args: readonly string[] = process.argv.slice(2),
  variables: NodeJS.ProcessEnv = process.env
): SensorConfig {
  const text = { type: 'string' } as const;
  let flags: Record<string, string | boolean | undefined>;
  try {
    flags = parseArgs({
      args: [...args],
      options: {
        interface: text,
        read: text,
        ports: text,
        url: text,
        'key-file': text,
        spool: text,
        'spool-mb': text,
        print: { type: 'boolean' },
        'idle-minutes': text,
        'slice-minutes': text,
        connections: text,
        tcpdump: text
      }
    }).values;
  } catch (error) {
    throw new SensorUsageError(error instanceof Error ? error.message : String(error));
  }
  const parsed = Settings.safeParse({
    url: variables['VIGIE_COLLECTOR_URL'] ?? 'http://127.0.0.1:8480',
    spool: join(variables['VIGIE_DATA'] ?? './data', 'sensor'),
    ...flags
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const flag = issue?.path[0];
    throw new SensorUsageError(`${flag === undefined ? '' : `--${String(flag)} `}${issue?.message ?? ''}`);
  }
  return { ...parsed.data, key: keyOf(parsed.data['key-file']) };
}

function keyOf(file: string | undefined): string {
  if (file === undefined) return '';
  try {
    const key = readFileSync(file, 'utf8').trim();
    if (/^[\x21-\x7e]{1,512}$/.test(key)) return key;
  } catch (error) {
    throw new SensorUsageError(`--key-file cannot be read (${(error as NodeJS.ErrnoException).code ?? ''})`);
  }
  throw new SensorUsageError('--key-file must hold one key and nothing else');
}
