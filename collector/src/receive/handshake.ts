/** What to do about a handshake that failed, by what failed. {plain} stands for the setting of the receiver without TLS. */
export const handshakeReasons = {
  'our-certificate-refused':
    'the sender does not trust this collector’s certificate: give it receivers.syslog_tls.certificate or its authority',
  'no-common-cipher':
    'the sender offers none of the suites of RFC 9325 (ECDHE or DHE with AES-GCM or ChaCha20): update its TLS settings',
  'old-protocol': 'the sender speaks only TLS below 1.2: update it',
  'not-tls': 'what came is no TLS: send it to the port of {plain}, or set the sender to TLS',
  'too-slow': 'the handshake took too long: check the network path',
  closed:
    'the other side closed before the handshake ended: a port check does so, or a sender that does not trust the certificate',
  failed: 'the handshake failed: compare the TLS settings of both sides'
} as const;
export type HandshakeReason = keyof typeof handshakeReasons;

/** @param code OpenSSL's or Node's code of the error */
export function classifyHandshake(code: string | undefined): HandshakeReason {
  switch (code) {
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_TLS_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSL/TLS_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED':
      return 'our-certificate-refused';
    case 'ERR_SSL_NO_SHARED_CIPHER':
    case 'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM':
    case 'ERR_SSL_NO_SHARED_GROUP':
    case 'ERR_SSL_NO_SUITABLE_KEY_SHARE':
      return 'no-common-cipher';
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
      return 'old-protocol';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_BAD_RECORD_TYPE':
      return 'not-tls';
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'too-slow';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'closed';
    default:
      return 'failed';
  }
}
