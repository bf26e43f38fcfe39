import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Flags that keep Chromium from looking outside. */
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
];

/** Debian's Chromium, headless. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args });
}

/** A page that remembers what the console of the browser complained about. */
export async function openPage(
  browser: Browser,
  options: { width?: number; height?: number; dark?: boolean } = {}
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris'
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints };
}

/** Signs in, choosing a new password when asked to. @returns the password that holds now */
export async function signIn(page: Page, url: string, login: string, password: string): Promise<string> {
  await page.goto(`${url}/sign-in`);
  await page.waitForLoadState('networkidle');
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', password);
  await page.click('button.primary');
  await page.waitForURL((to) => !to.pathname.startsWith('/sign-in'));
  if (!page.url().includes('/password')) return password;
  const next = `Vigie-${password}-nouveau`;
  await page.waitForLoadState('networkidle');
  await page.fill('input[name=current]', password);
  await page.fill('input[name=next]', next);
  await page.fill('input[name=repeat]', next);
  await page.click('button.primary');
  await page.waitForURL((to) => !to.pathname.startsWith('/password'));
  return next;
}

/** Violations axe calls serious or critical, as short lines. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(' | ')}`
    );
}
