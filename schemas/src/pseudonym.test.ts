import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pseudonym, readIdentifier, userIdentifier } from './pseudonym.ts';

const key = Buffer.alloc(32, 7);
const ins = '1.2.250.1.213.1.4.8';

test('a CX identifier gives its value and the OID of its authority', () => {
  expect(readIdentifier('123456^^^CHT&1.2.250.1.999.10.1&ISO^PI', 'other')).toEqual({
    authority: '1.2.250.1.999.10.1',
    value: '123456'
  });
});

test('a bare identifier takes the issuer of its source', () => {
  expect(readIdentifier(' 123456 ', '1.2.3')).toEqual({ authority: '1.2.3', value: '123456' });
});

test('double-escaped ampersands of old senders are read as one', () => {
  expect(readIdentifier('1^^^&amp;1.2.3&amp;ISO', 'x').authority).toBe('1.2.3');
});

test.each([
  `279035121518989^^^&${ins}&ISO^NH`,
  '279035121518989^^^ASIP-SANTE-INS-NIR^INS',
  '2790351215189^^^INS-NIR^INS',
  `2 79 03 51 215 189 89^^^&urn:oid:${ins}&ISO^INS`
])('every spelling of one INS gives one person: %s', (text) => {
  expect(readIdentifier(text, 'x')).toEqual({ authority: ins, value: '2790351215189' });
});

test('a Corsican INS keeps its letter', () => {
  expect(readIdentifier(`2 79 03 2A 121 518 98^^^&${ins}&ISO`, 'x').value).toBe('279032A121518');
});

test('pseudonyms are keyed, 16 bytes, and differ by authority', () => {
  const one = pseudonym(key, { authority: 'a', value: '1' });
  expect(one).toHaveLength(16);
  expect(pseudonym(key, { authority: 'b', value: '1' })).not.toEqual(one);
  expect(pseudonym(Buffer.alloc(32, 8), { authority: 'a', value: '1' })).not.toEqual(one);
});

test('a pseudonym is the HMAC-SHA-256 of authority and value under the key', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 });
  const text = fc.string({ unit: 'grapheme', maxLength: 80 });
  fc.assert(
    fc.property(bytes, text, text, (secret, authority, value) => {
      const mac = createHmac('sha256', secret).update(`${authority}|${value}`).digest();
      expect(pseudonym(secret, { authority, value })).toEqual(mac.subarray(0, 16));
    })
  );
});

test('a login is the same person in either case', () => {
  expect(userIdentifier(' DrMartin')).toEqual(userIdentifier('drmartin'));
});
