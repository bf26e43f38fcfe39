import type { Language } from '#lib/text/language.ts';

const zone = 'Europe/Paris';
const locale = (language: Language) => (language === 'fr' ? 'fr-FR' : 'en-GB');

/** Formats of one language: numbers, bytes (decimal), durations, times of Europe/Paris. */
export interface Format {
  readonly language: Language;
  /** 1 234,5 */
  number(value: number, digits?: number): string;
  /** 12,3 from 12.3: a percentage without its sign. */
  percent(value: number, digits?: number): string;
  /** 1,21 To: decimal units. */
  bytes(value: number): string;
  /** 2 h 10 from milliseconds. */
  duration(ms: number): string;
  /** 24/11/2026 14:05 */
  dateTime(at: Date): string;
  /** 24/11 07:52:10 */
  short(at: Date): string;
  date(at: Date): string;
  /** mar. 24, for the foot of a picture. */
  day(at: Date): string;
  /** 14 h */
  hour(at: Date): string;
  /** nov. 2026 */
  month(at: Date): string;
  money(value: number): string;
}

const cache = new Map<Language, Format>();

export function format(language: Language): Format {
  let made = cache.get(language);
  if (!made) cache.set(language, (made = make(language)));
  return made;
}

function make(language: Language): Format {
  const tag = locale(language);
  const numbers = new Map<number, Intl.NumberFormat>();
  const number = (value: number, digits = 0) => {
    let one = numbers.get(digits);
    if (!one)
      numbers.set(
        digits,
        (one = new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits }))
      );
    return one.format(value);
  };
  const times = (options: Intl.DateTimeFormatOptions) => {
    const one = new Intl.DateTimeFormat(tag, { timeZone: zone, ...options });
    return (at: Date) => one.format(at).replace(',', '');
  };
  const units = language === 'fr' ? ['o', 'ko', 'Mo', 'Go', 'To', 'Po'] : ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const money = new Intl.NumberFormat(tag, { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
  return {
    language,
    number,
    percent: (value, digits = 2) => number(value, digits),
    bytes(value) {
      // Three significant digits first: 999 999 999 is 1,00 Go, never 1 000 Mo.
      const rounded = Number(value.toPrecision(3));
      const step =
        rounded === 0
          ? 0
          : Math.max(0, Math.min(units.length - 1, Math.floor(Math.log10(Math.abs(rounded)) / 3)));
      const scaled = rounded / 1000 ** step;
      return `${number(scaled, step === 0 || Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2)}\u00a0${units[step]}`;
    },
    duration: (ms) => duration(ms, number, language === 'fr' ? 'j' : 'd'),
    dateTime: times({ dateStyle: 'short', timeStyle: 'short' }),
    short: times({ day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    date: times({ day: '2-digit', month: '2-digit', year: 'numeric' }),
    day: times({ weekday: 'short', day: 'numeric' }),
    hour: times({ hour: 'numeric' }),
    month: times({ month: 'short', year: 'numeric' }),
    money: (value) => money.format(value)
  };
}

function duration(ms: number, number: (value: number, digits?: number) => string, day: string): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const sign = ms < -500 ? '−' : '';
  if (Math.abs(ms) < 1000) return `${sign}${number(Math.abs(ms))}\u00a0ms`;
  if (seconds < 60) return `${sign}${seconds}\u00a0s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${sign}${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48)
    return `${sign}${hours}\u00a0h${minutes % 60 ? ` ${String(minutes % 60).padStart(2, '0')}` : ''}`;
  return `${sign}${number(Math.floor(hours / 24))}\u00a0${day}`;
}

/** P-7F3A from a pseudonym: enough to follow a patient or person on a page. */
export function pseudonymLabel(kind: 'P' | 'A' | 'O', hex: string, digits = 4): string {
  return `${kind}-${hex.slice(0, digits).toUpperCase()}`;
}

/** 1.2.250…8841: a long identifier, shortened in the middle. */
export function shorten(id: string, keep = 7): string {
  return id.length <= keep * 2 + 3 ? id : `${id.slice(0, keep)}…${id.slice(-keep)}`;
}
