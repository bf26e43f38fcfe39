import { launchBrowser, openPage, signIn, seriousViolations } from '@vigie/tools/testkit/browser';
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
const url = 'http://127.0.0.1:'+(process.env.P??8455)+'';
const who = process.argv[2] ?? 'dsi';
const list = (process.argv[3] ?? 'activity,traffic,storage,sla').split(',');
const modes = (process.argv[4] ?? '1440l').split(',');
const kept = `/tmp/vigie/dash/pw${process.env.P??''}-${who}`;
const password = existsSync(kept) ? readFileSync(kept, 'utf8') : readFileSync(''+(process.env.D??'/tmp/vigie/dash/data')+'/passwords.txt', 'utf8').split('\n').find((l) => l.startsWith(who + ' '))!.split(' ')[1]!;
const browser = await launchBrowser();
for (const mode of modes) {
  const { page, complaints } = await openPage(browser, { width: Number(mode.slice(0, -1)), height: 900, dark: mode.endsWith('d') });
  writeFileSync(kept, await signIn(page, url, who, existsSync(kept) ? readFileSync(kept, 'utf8') : password));
  for (const path of list) {
    const r = await page.goto(`${url}/${path}`, { waitUntil: 'networkidle' });
    await page.waitForTimeout(400);
    const name = path.replace(/[^a-z0-9]+/gi, '-');
    await page.screenshot({ path: `/tmp/vigie/dash/${process.env.T??''}${name}-${who}-${mode}.png`, fullPage: true });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    console.log(mode, path, r?.status(), await r?.headerValue('server-timing'), 'overflow', over, complaints.splice(0), process.argv[5] ? await seriousViolations(page) : '');
  }
  await page.context().close();
}
await browser.close();
