/** Attributes by number: what the scanner meets most it finds without making names. */
export const at = {
  'csd-code': 0,
  code: 1,
  codeSystem: 2,
  codeSystemName: 3,
  originalText: 4,
  displayName: 5,
  EventActionCode: 6,
  EventDateTime: 7,
  EventOutcomeIndicator: 8,
  UserID: 9,
  AlternativeUserID: 10,
  UserName: 11,
  UserIsRequestor: 12,
  UserTypeCode: 13,
  NetworkAccessPointID: 14,
  NetworkAccessPointTypeCode: 15,
  AuditSourceID: 16,
  AuditEnterpriseSiteID: 17,
  ParticipantObjectID: 18,
  ParticipantObjectTypeCode: 19,
  ParticipantObjectTypeCodeRole: 20,
  ParticipantObjectDataLifeCycle: 21,
  ParticipantObjectSensitivity: 22,
  ParticipantObjectName: 23,
  type: 24,
  value: 25,
  UID: 26,
  Number: 27,
  NumberOfInstances: 28
} as const;

export const attributeNames = Object.keys(at) as (keyof typeof at)[];

/** The attributes of one element, valid until the next one is read. */
export interface Attributes {
  /** @param attribute one of `at`; undefined when it is not told */
  get(attribute: number): string | undefined;
}

/** Attributes by their names, as a parser gives them. */
export class NamedAttributes implements Attributes {
  readonly #named: Readonly<Record<string, string>>;

  constructor(named: Readonly<Record<string, string>>) {
    this.#named = named;
  }

  get(attribute: number): string | undefined {
    return this.#named[attributeNames[attribute] ?? ''];
  }
}
