// Drives one Firefox over WebDriver BiDi for a Python test: one JSON line in, one JSON line out.
//
// In:  {"id": 1, "do": "open" | "evaluate" | "goto" | "reload" | "screenshot" | "close" | "quit", …}
// Out: {"id": 1, "result": …} or {"id": 1, "error": "…"}, and {"page": 1, "console": "…"} in between.
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const [executablePath, preferences] = [process.argv[2], JSON.parse(process.argv[3])];
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  extraPrefsFirefox: preferences,
  // The TURN server of the tests signs its certificate itself.
  acceptInsecureCerts: true,
  protocolTimeout: 120_000,
});
const pages = new Map();
let nextPage = 1;

const commands = {
  async open({ url, preload, viewport }) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    const key = nextPage++;
    pages.set(key, { page, context });
    if (viewport) await page.setViewport(viewport);
    page.on("console", (message) => say({ page: key, console: `${message.type()}: ${message.text()}` }));
    page.on("pageerror", (error) => say({ page: key, console: `pageerror: ${error.message}` }));
    for (const source of preload) await page.evaluateOnNewDocument(source);
    await page.goto(url, { waitUntil: "domcontentloaded" });
    return key;
  },
  async goto({ page, url }) {
    await pages.get(page).page.goto(url, { waitUntil: "domcontentloaded" });
  },
  async reload({ page }) {
    await pages.get(page).page.reload({ waitUntil: "domcontentloaded" });
  },
  async evaluate({ page, expression }) {
    return await pages.get(page).page.evaluate(expression);
  },
  async screenshot({ page, path }) {
    await pages.get(page).page.screenshot({ path });
  },
  async close({ page }) {
    const { context } = pages.get(page);
    pages.delete(page);
    await context.close();
  },
  async quit() {
    await browser.close();
  },
};

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

say({ ready: await browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: name, ...rest } = JSON.parse(line);
  commands[name](rest).then(
    (result) => {
      say({ id, result: result ?? null });
      if (name === "quit") process.exit(0);
    },
    (error) => say({ id, error: String(error?.stack ?? error) }),
  );
}
await browser.close();
process.exit(0);
