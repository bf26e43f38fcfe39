/** One request as the web server in front of the viewer logs it. */
export interface WebRequest {
  /** End of the request, when it is logged, ms since 1970. */
  readonly at: number;
  readonly client: string;
  readonly uri: string;
  readonly status: number;
  readonly bytes: number;
  readonly ms: number;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number) => String(n).padStart(2, '0');

/** The syslog message (RFC 3164) of an nginx set up as docs/inputs/web-viewer.md says. */
export function accessLog(host: string, { at, client, uri, status, bytes, ms }: WebRequest): string {
  const date = new Date(at);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const stamp = `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, ' ')} ${time}`;
  const line = JSON.stringify({
    msec: at / 1000,
    req_id: `${at.toString(16)}${Math.abs(hash(client + uri)).toString(16)}`,
    client,
    xff: '',
    method: 'GET',
    uri,
    status,
    bytes_in: 420,
    bytes_out: bytes + 270,
    body_out: bytes,
    rt: ms / 1000,
    ua: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 OHIF/3.9',
    completion: 'OK',
    host
  });
  return `<182>${stamp} ${host} dicomweb: ${line}`;
}

/** A number of a text, the same each time. */
function hash(text: string): number {
  let value = 7;
  for (let i = 0; i < text.length; i++) value = (Math.imul(value, 31) + text.charCodeAt(i)) | 0;
  return value;
}
