import type { Format } from '#lib/format/format.ts';
import type { Dictionary } from '#lib/text/text.ts';

interface Told {
  readonly code: keyof Dictionary['signals'];
  readonly subject: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** The sentence of a signal, its figures formatted and its subject named. */
export function signalSentence(
  signal: Told,
  names: Readonly<Record<string, string>>,
  words: Dictionary,
  format: Format,
  now: Date
): string {
  const params: Record<string, string> = { name: names[signal.subject] ?? signal.subject };
  for (const [key, value] of Object.entries(signal.params)) {
    if (typeof value === 'string') params[key] = value;
    else if (key === 'since') params['since'] = params['silence'] = format.duration(now.getTime() - value);
    else if (key === 'limit_ms' || key === 'usual_ms')
      params[key.replace('_ms', '')] = format.duration(value);
    else params[key] = format.number(value, Number.isInteger(value) ? 0 : 2);
  }
  return words.signals[signal.code](params);
}
