/** What each modality does on a working day at the largest site, how long an exam takes, and how large a study is. */
export interface Mix {
  readonly perDay: number;
  /** Exam length, minutes (median). */
  readonly minutes: number;
  /** Study size, MB (median); indicative, replaced by what a site measures. */
  readonly megabytes: number;
  readonly images: number;
  readonly sopClass: string;
  readonly procedures: readonly (readonly [code: string, label: string])[];
}

export const mixes: Readonly<Record<string, Mix>> = {
  CT: {
    perDay: 46,
    minutes: 12,
    megabytes: 240,
    images: 460,
    sopClass: '1.2.840.10008.5.1.4.1.1.2',
    procedures: [
      ['CTTHOR', 'Scanner du thorax'],
      ['CTABDO', 'Scanner de l’abdomen'],
      ['CTCRAN', 'Scanner du crâne']
    ]
  },
  MR: {
    perDay: 30,
    minutes: 25,
    megabytes: 180,
    images: 420,
    sopClass: '1.2.840.10008.5.1.4.1.1.4',
    procedures: [
      ['MRCRAN', 'IRM cérébrale'],
      ['MRLOMB', 'IRM lombaire'],
      ['MRGENO', 'IRM du genou']
    ]
  },
  DX: {
    perDay: 72,
    minutes: 6,
    megabytes: 26,
    images: 3,
    sopClass: '1.2.840.10008.5.1.4.1.1.1.1',
    procedures: [
      ['DXTHOR', 'Radio du thorax'],
      ['DXGENO', 'Radio du genou'],
      ['DXCHEV', 'Radio de la cheville']
    ]
  },
  CR: {
    perDay: 8,
    minutes: 8,
    megabytes: 9,
    images: 2,
    sopClass: '1.2.840.10008.5.1.4.1.1.1',
    procedures: [['CRTHOR', 'Radio du thorax au lit']]
  },
  US: {
    perDay: 30,
    minutes: 15,
    megabytes: 90,
    images: 40,
    sopClass: '1.2.840.10008.5.1.4.1.1.6.1',
    procedures: [
      ['USABDO', 'Échographie de l’abdomen'],
      ['USTHYR', 'Échographie de la thyroïde']
    ]
  },
  MG: {
    perDay: 12,
    minutes: 12,
    megabytes: 160,
    images: 4,
    sopClass: '1.2.840.10008.5.1.4.1.1.1.2',
    procedures: [['MGBILA', 'Mammographie bilatérale']]
  },
  XA: {
    perDay: 4,
    minutes: 45,
    megabytes: 420,
    images: 30,
    sopClass: '1.2.840.10008.5.1.4.1.1.12.1',
    procedures: [['XACORO', 'Angiographie']]
  },
  NM: {
    perDay: 6,
    minutes: 40,
    megabytes: 30,
    images: 12,
    sopClass: '1.2.840.10008.5.1.4.1.1.20',
    procedures: [['NMOS', 'Scintigraphie osseuse']]
  }
};

/** Share of the largest site's activity, and of it at weekends. */
export const siteShares: readonly {
  readonly weekday: number;
  readonly weekend: number;
  readonly emergency: number;
}[] = [
  { weekday: 1, weekend: 0.28, emergency: 0.28 },
  { weekday: 0.52, weekend: 0.05, emergency: 0.08 },
  { weekday: 0.36, weekend: 0.1, emergency: 0.2 }
];
