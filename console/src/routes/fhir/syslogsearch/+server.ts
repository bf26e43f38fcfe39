// The same search below /fhir, where a proxy that knows only that base sends it.
export { GET, fallback } from '../../syslogsearch/+server.ts';
