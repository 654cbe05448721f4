/** Opens an address in a page, of Playwright or of Puppeteer, and waits for what it has to say. */
export async function outcomeOf(page, address) {
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error.message ?? error)));
  try {
    await page.goto(address);
    await page.waitForFunction(() => window.outcome !== undefined, { timeout: 60_000 });
    return await page.evaluate(() => window.outcome);
  } catch (error) {
    throw new Error(`${address} said nothing but\n${said.join('\n')}`, { cause: error });
  } finally {
    await page.close();
  }
}
