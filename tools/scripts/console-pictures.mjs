// node tools/scripts/console-pictures.mjs: draws the pictures of docs/console.md.
// node tools/scripts/console-pictures.mjs --all FOLDER [WORD...]: draws every page in three sizes and two modes, for a look;
// with words, the pages alone whose name has one of them.
// node tools/scripts/console-pictures.mjs --phone FOLDER: draws a card and its answer on a phone, as who has a link sees them.
// It needs chromium, and programs that are built from these sources: npm start.
import { Buffer } from "node:buffer";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { root } from "./setup.mjs";

const { chromium } = createRequire(join(root, "apps/host/package.json"))("playwright-core");
const Database = createRequire(join(root, "internal/foundation/sqlite/package.json"))("libsql");
const program = spawnSync("which", ["chromium"], { encoding: "utf8" }).stdout.trim();

const temp = mkdtempSync(join(tmpdir(), "gatehouse-pictures-"));
const [dataDir, home, bin, shop] = ["data", "home", "bin", "shop"].map((name) => join(temp, name));
for (const folder of [home, bin, shop]) mkdirSync(folder);
symlinkSync(join(root, "test-fixtures/programs/fake-session.mjs"), join(bin, "claude"));
const trusted = { projects: { [shop]: { hasTrustDialogAccepted: true } } };
const state = { hasCompletedOnboarding: true, theme: "dark", ...trusted };
writeFileSync(join(home, ".claude.json"), JSON.stringify(state));
const env = {
  HOME: home,
  PATH: [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
  TERM: "xterm-256color",
  GATEHOUSE_DATA: dataDir,
  DISABLE_AUTOUPDATER: "1",
};
const programs = {
  gatehouse: join(root, "apps/host/bin/gatehouse.js"),
  ncl: join(root, "apps/ncl/bin/ncl.cjs"),
};

const run = (name, ...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [programs[name], ...args], {
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${name} ${args.join(" ")}: ${stderr}${stdout}`);
  return stdout;
};
const ncl = (...args) => run("ncl", ...args, "--socket", join(dataDir, "ncl.sock"));

const children = [];
const chat = (group, lines) => {
  const args = [programs.gatehouse, "chat", "--group", group];
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "ignore", "ignore"] });
  children.push(child);
  for (const line of lines) child.stdin.write(`${line}\n`);
};

/** What a month of three groups would have used. The host does not run yet. */
const addUsage = (limits) => {
  const db = new Database(join(dataDir, "gatehouse.db"));
  const [{ id }] = db.prepare("select id from agent_groups").all();
  const row = db.prepare(
    "insert into usage (agent_group_id, day, session_id, user_id, provider, model, requests, input_tokens, output_tokens, cost, priced_requests) values (?, ?, 'se-old', ?, 'anthropic', ?, ?, ?, ?, ?, ?)",
  );
  const sums = db.prepare(
    "insert into usage_days (agent_group_id, day, requests, tokens, cost) values (?, ?, ?, ?, ?)",
  );
  for (let ago = 0; ago < 26; ago += 1) {
    const day = new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    const count = 4 + ((ago * 7) % 11);
    const [input, output] = [count * 21_000, count * 1_900];
    row.run(id, day, "local:ana", "claude-opus-4-7", count, input, output, count * 130_000, count);
    row.run(id, day, "local:bo", "claude-haiku-4-5", 3, 9_000, 800, 12_000, 3);
    sums.run(id, day, count + 3, input + output + 9_800, count * 130_000 + 12_000);
  }
  if (limits) db.exec("update container_configs set max_tokens_per_day = 300000, max_requests_per_day = 20");
  db.close();
};

const begin = async () => {
  const group = ["--name", "Home", "--folder", "home", "--owner", "local:ana", "--provider", "echo"];
  run("gatehouse", "init", ...group);
  run(
    "gatehouse",
    "prices",
    "set",
    "claude-opus-4-7",
    "--input",
    "5",
    "--output",
    "25",
    "--cache-read",
    "0.5",
    "--cache-write",
    "6.25",
    "--currency",
    "USD",
  );
  addUsage(true);
  const host = spawn(process.execPath, [programs.gatehouse, "up", "--console", "0"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(host);
  let said = "";
  for (const stream of [host.stdout, host.stderr])
    stream.setEncoding("utf8").on("data", (text) => (said += text));
  const link = () => JSON.parse(run("gatehouse", "console", "--json")).link;
  for (let tries = 0; tries < 100; tries += 1) {
    if (spawnSync(process.execPath, [programs.gatehouse, "console", "--json"], { env }).status === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (host.exitCode !== null) throw new Error(`The host ended:\n${said}`);
  }
  ncl("users", "create", "--id", "local:bo", "--kind", "local", "--display-name", "Bo");
  ncl("groups", "create", "--name", "Research", "--folder", "research");
  ncl("groups", "config", "update", "Research", "--provider", "echo", "--model", "opus");
  ncl("groups", "config", "update", "Research", "--model", "haiku");
  chat("home", [
    "Good morning!",
    '/tool Bash {"command":"npm test","description":"Run the tests of the shop"}',
  ]);
  return link;
};

/** Runs in the browser: a picture of text is a third as long as WebP. */
async function toWebp(url) {
  const { Image, document } = globalThis;
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.85);
}

const [mode, folder, ...words] = process.argv.slice(2);
// A browser as root has no sandbox of its own.
const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });

const drawDocs = async (link) => {
  const page = await browser.newPage({ viewport: { width: 900, height: 830 }, colorScheme: "light" });
  const blank = await browser.newPage();
  await page.goto(link());
  await page.getByRole("button", { name: "Allow once" }).first().waitFor();
  const draw = async (name) => {
    const png = await page.screenshot();
    const webp = await blank.evaluate(toWebp, `data:image/png;base64,${png.toString("base64")}`);
    const bytes = Buffer.from(webp.slice(webp.indexOf(",") + 1), "base64");
    writeFileSync(join(root, "docs", `console-${name}.webp`), bytes);
    process.stdout.write(`docs/console-${name}.webp: ${bytes.length} bytes\n`);
  };
  await draw("waiting");
  await page.getByRole("link", { name: "Talk" }).click();
  await page.getByRole("link", { name: "Home" }).click();
  await page.getByRole("button", { name: "Allow once" }).first().waitFor();
  await draw("talk");
  await page.getByRole("link", { name: "Sessions" }).click();
  await page.locator("td a").first().click();
  await page.locator(".way").first().waitFor();
  await draw("session");
  await page.getByRole("link", { name: "Usage" }).click();
  await draw("usage");
};

const sizes = [
  [1440, 900],
  [900, 1100],
  [390, 844],
];

const drawAll = async (link) => {
  run("gatehouse", "launch", "--agents", "1", "--provider", "claude", shop);
  mkdirSync(folder, { recursive: true });
  const page = await browser.newPage();
  await page.goto(link());
  await page.waitForURL("**/waiting");
  const { origin } = new URL(page.url());
  const hrefs = async (path) => {
    await page.goto(`${origin}${path}`);
    return page.locator("td a").evaluateAll((links) => links.map((one) => one.getAttribute("href")));
  };
  const group = (await hrefs("/groups")).findLast((path) => path.startsWith("/groups/"));
  const [session] = await hrefs("/sessions");
  const agent = (await hrefs("/agents")).find((path) => path.startsWith("/agents/"));
  const pages = {
    "sign-in": "/sign-in",
    waiting: "/waiting",
    talk: `/talk/${group.split("/").at(-1)}`,
    groups: "/groups",
    group,
    diff: `${group}?to=1#diff`,
    sessions: "/sessions",
    session,
    agents: "/agents",
    ...(agent === undefined ? {} : { agent }),
    people: "/people",
    usage: "/usage",
    "usage-model": "/usage?by=model",
    decisions: "/decisions",
    reads: "/decisions?reads=1",
    health: "/health",
    search: "/search?q=morning",
    nowhere: "/nowhere",
  };
  for (const [name, path] of Object.entries(pages)) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    for (const [width, height] of sizes)
      for (const colorScheme of ["light", "dark"]) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        await page.goto(`${origin}${path}`);
        if (name === "waiting" && width === 900) await page.getByText("Always allow…").first().click();
        await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
  }
};

/** A person with a phone opens the link, reads the first card, and allows it. Prints the time from the tap to the outcome. */
const drawPhone = async (link) => {
  mkdirSync(folder, { recursive: true });
  const viewport = { width: 390, height: 844 };
  const context = await browser.newContext({
    viewport,
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
  });
  const page = await context.newPage();
  await page.goto(link());
  const allow = page.getByRole("button", { name: /^(?:Allow once|Approve)$/ }).first();
  await allow.waitFor();
  const draw = (name) => page.screenshot({ path: join(folder, `${name}.png`) });
  await draw("phone-1-card");
  await allow.scrollIntoViewIfNeeded();
  await draw("phone-2-button");
  const tappedAt = Date.now();
  await allow.tap();
  await page
    .getByText(/^Approved by you/)
    .first()
    .waitFor();
  process.stdout.write(`From the tap to the outcome: ${Date.now() - tappedAt} ms\n`);
  await draw("phone-3-answered");
};

try {
  const link = await begin();
  const page = await browser.newPage();
  await page.goto(link());
  // The first request is answered, so that there is one of each.
  await page.getByRole("button", { name: "Reject" }).first().waitFor({ timeout: 60_000 });
  await page.getByLabel("Reason (sent with Reject)").fill("Run the linter first, please.");
  await page.getByRole("button", { name: "Reject" }).click();
  await page.locator("details.done").first().waitFor();
  chat("home", [
    "/ncl groups config update Home --model larger-model",
    '/tool Bash {"command":"npm run lint && npm test","description":"Lint, then run the tests"}',
  ]);
  await page.locator("section.card").nth(1).waitFor();
  await page.close();
  await (mode === "--all" ? drawAll(link) : mode === "--phone" ? drawPhone(link) : drawDocs(link));
} finally {
  await browser.close();
  spawnSync(process.execPath, [programs.gatehouse, "stop", "--all"], { env });
  for (const child of children.toReversed()) {
    if (child.exitCode !== null) continue;
    const closed = once(child, "close");
    child.kill("SIGTERM");
    await closed;
  }
  rmSync(temp, { recursive: true, force: true });
}
