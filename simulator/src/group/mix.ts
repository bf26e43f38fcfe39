/** What one room of a modality does on a working day, how long an exam takes, and how large a study is. */
export interface Mix {
  readonly perRoom: number;
  /** Exams an hour on duty, by day and at weekends, for the whole site; nights have a third. */
  readonly perDutyHour: number;
  /** Exam length, minutes (median). */
  readonly minutes: number;
  /** Study size, MB (median); indicative, replaced by what a site measures. */
  readonly megabytes: number;
  readonly images: number;
  readonly sopClass: string;
  /** The billed act (CCAM) of its usual exam; indicative. */
  readonly act: string;
  readonly procedures: readonly (readonly [code: string, label: string])[];
}

export const mixes: Readonly<Record<string, Mix>> = {
  CT: {
    perRoom: 21,
    perDutyHour: 0.75,
    minutes: 12,
    megabytes: 240,
    images: 460,
    sopClass: '1.2.840.10008.5.1.4.1.1.2',
    act: 'ZBQH001',
    procedures: [
      ['CTTHOR', 'Scanner du thorax'],
      ['CTABDO', 'Scanner de l’abdomen'],
      ['CTCRAN', 'Scanner du crâne']
    ]
  },
  MR: {
    perRoom: 14,
    perDutyHour: 0,
    minutes: 25,
    megabytes: 180,
    images: 420,
    sopClass: '1.2.840.10008.5.1.4.1.1.4',
    act: 'ACQN001',
    procedures: [
      ['MRCRAN', 'IRM cérébrale'],
      ['MRLOMB', 'IRM lombaire'],
      ['MRGENO', 'IRM du genou']
    ]
  },
  DX: {
    perRoom: 22,
    perDutyHour: 1,
    minutes: 6,
    megabytes: 26,
    images: 3,
    sopClass: '1.2.840.10008.5.1.4.1.1.1.1',
    act: 'ZBQK002',
    procedures: [
      ['DXTHOR', 'Radio du thorax'],
      ['DXGENO', 'Radio du genou'],
      ['DXCHEV', 'Radio de la cheville']
    ]
  },
  CR: {
    perRoom: 8,
    perDutyHour: 0.1,
    minutes: 8,
    megabytes: 9,
    images: 2,
    sopClass: '1.2.840.10008.5.1.4.1.1.1',
    act: 'ZBQK002',
    procedures: [['CRTHOR', 'Radio du thorax au lit']]
  },
  US: {
    perRoom: 10,
    perDutyHour: 0.15,
    minutes: 15,
    megabytes: 90,
    images: 40,
    sopClass: '1.2.840.10008.5.1.4.1.1.6.1',
    act: 'ZCQM008',
    procedures: [
      ['USABDO', 'Échographie de l’abdomen'],
      ['USTHYR', 'Échographie de la thyroïde']
    ]
  },
  MG: {
    perRoom: 12,
    perDutyHour: 0,
    minutes: 12,
    megabytes: 160,
    images: 4,
    sopClass: '1.2.840.10008.5.1.4.1.1.1.2',
    act: 'QEQK001',
    procedures: [['MGBILA', 'Mammographie bilatérale']]
  },
  XA: {
    perRoom: 4,
    perDutyHour: 0.03,
    minutes: 45,
    megabytes: 420,
    images: 30,
    sopClass: '1.2.840.10008.5.1.4.1.1.12.1',
    act: 'DDQH009',
    procedures: [['XACORO', 'Angiographie']]
  },
  NM: {
    perRoom: 6,
    perDutyHour: 0,
    minutes: 40,
    megabytes: 30,
    images: 12,
    sopClass: '1.2.840.10008.5.1.4.1.1.20',
    act: 'PAQL002',
    procedures: [['NMOS', 'Scintigraphie osseuse']]
  }
};
