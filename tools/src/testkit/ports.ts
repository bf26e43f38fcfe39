export { freePort } from '../start/ports.ts';
