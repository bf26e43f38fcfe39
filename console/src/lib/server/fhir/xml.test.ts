import { expect, test } from 'vitest';
import { writeXml } from './xml.ts';

test('a resource in XML: values as attributes, lists repeated, resources nested, an extension by its url', () => {
  expect(
    writeXml({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      link: [{ relation: 'self', url: 'http://x/?a=1&b=2' }],
      entry: [
        {
          fullUrl: 'http://x/1',
          resource: {
            resourceType: 'AuditEvent',
            id: 'c1-audit-1-0',
            extension: [{ url: 'urn:vigie:repair', valueCode: 'no-zone' }],
            type: { code: '110103' },
            recorded: '2026-11-24T08:05:00Z',
            agent: [{ requestor: true }, { who: { identifier: { value: 'A&"<\u0001' } }, requestor: false }],
            source: { observer: {} }
          }
        }
      ]
    })
  ).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/><total value="1"/>' +
      '<link><relation value="self"/><url value="http://x/?a=1&amp;b=2"/></link><entry>' +
      '<fullUrl value="http://x/1"/><resource><AuditEvent><id value="c1-audit-1-0"/>' +
      '<extension url="urn:vigie:repair"><valueCode value="no-zone"/></extension><type><code value="110103"/></type>' +
      '<recorded value="2026-11-24T08:05:00Z"/><agent><requestor value="true"/></agent><agent><who><identifier>' +
      '<value value="A&amp;&quot;&lt;\ufffd"/></identifier></who><requestor value="false"/></agent><source><observer/></source>' +
      '</AuditEvent></resource></entry></Bundle>'
  );
});
