import type { Format } from '../reception.ts';

/** Where the message of a frame begins at the latest, for it to be told by this look. */
const headBytes = 400;
const [brace, quote, tag, blank, colon, end] = [0x7b, 0x22, 0x3c, 0x20, 0x3a, 0x3e];

/**
 * What a frame of the syslog receivers is: an audit message is XML, an access log of a web server is a JSON object. This decides
 * which lane keeps it, and nothing more: every frame is kept.
 */
export function syslogFormat(frame: Buffer): Format {
  const at = frame.indexOf(brace);
  if (at < 0 || at > headBytes || frame[at + 1] !== quote) return 'syslog';
  const before = frame[at - 1];
  if (at > 0 && before !== blank && before !== colon && before !== end) return 'syslog';
  const markup = frame.indexOf(tag, 1);
  return markup < 0 || markup > at ? 'access-log' : 'syslog';
}
