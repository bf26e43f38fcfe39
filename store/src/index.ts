export {
  clickhouseErrorCode,
  createReader,
  createWriter,
  type ClickHouseClient,
  type StoreAddress
} from './client.ts';
export { insertBinary, type BinaryInsert } from './insert.ts';
export { StoreEnvironment, storeAddress } from './address.ts';
