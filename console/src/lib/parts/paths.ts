import type { Page } from '#lib/server/access/pages.ts';

/** Address of each page. */
export const paths: Readonly<Record<Page, string>> = {
  overview: '/',
  access: '/access',
  activity: '/activity',
  turnaround: '/turnaround',
  capacity: '/capacity',
  traffic: '/traffic',
  arrival: '/arrival',
  storage: '/storage',
  sla: '/sla',
  reports: '/reports',
  'going-live': '/going-live',
  systems: '/systems',
  sources: '/sources',
  evidence: '/evidence'
};

/** Letter after `g` that goes there. */
export const letters: Readonly<Record<Page, string>> = {
  overview: 'h',
  access: 'a',
  activity: 'v',
  turnaround: 'd',
  capacity: 'c',
  traffic: 't',
  arrival: 'i',
  storage: 's',
  sla: 'e',
  reports: 'r',
  'going-live': 'm',
  systems: 'y',
  sources: 'o',
  evidence: 'p'
};
