import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { openCentral } from "@gatehouse/central-database";
import { addRow } from "@gatehouse/central-database/testing";
import { afterAll, beforeAll, expect, inject, onTestFinished } from "vitest";
import { folderWithAna } from "../up/echo-group.fixture.ts";
import { spawnHost } from "../up/host.fixture.ts";
import { run } from "../up/run.fixture.ts";

/** The path of Chromium, or "". */
export const program: string = spawnSync("which", ["chromium"], { encoding: "utf8" }).stdout.trim();
if (program === "") console.warn("The tests of the console in a browser are skipped: there is no chromium.");

/** Lets Ana have used a model today, with a limit of the day. */
const addUsage = async (dataDir: string): Promise<void> => {
  const opened = await openCentral(dataDir);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  const { id } = await db.selectFrom("agent_groups").select("id").executeTakeFirstOrThrow();
  const day = new Date().toISOString().slice(0, 10);
  await addRow(db, "usage", { agent_group_id: id, day, cost: 1_500_000, priced_requests: 1 });
  await db.updateTable("container_configs").set({ max_tokens_per_day: 1_000 }).execute();
  await close();
};

type ConsoleHost = {
  readonly dataDir: string;
  readonly host: ReturnType<typeof spawnHost>;
  /** Sends a line to the agent, from a terminal. */
  readonly say: (line: string) => void;
  /** A link that signs in. `args` are further flags of `console`. */
  readonly link: (...args: readonly string[]) => string;
};

/** A host with a console, and the group Ana, whose agent asks when it is told to. `args` are further flags of `up`. */
export const consoleHost = async (...args: readonly string[]): Promise<ConsoleHost> => {
  const { gatehouse } = inject("programs");
  const dataDir = await folderWithAna();
  await addUsage(dataDir);
  const host = spawnHost(dataDir, ["--console", "0", ...args]);
  await host.ready();
  const say = (line: string): void => {
    const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    onTestFinished(() => void chat.kill("SIGKILL"));
    chat.stdin.write(`${line}\n`);
  };
  const link = (...args: readonly string[]): string =>
    (JSON.parse(run(gatehouse, "console", "--json", "--data", dataDir, ...args)) as { link: string }).link;
  return { dataDir, host, say, link };
};

/** Starts a browser for the tests of a file. Returns a function that opens a page in a profile of its own. */
export const startChromium = (): ((options?: BrowserContextOptions) => Promise<Page>) => {
  let browser: Browser;
  beforeAll(async () => {
    // A browser as root has no sandbox of its own.
    browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  });
  afterAll(() => browser.close());
  return async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 320, height: 640 }, ...options });
    onTestFinished(() => context.close());
    // A busy machine takes longer than the 30 s of the library.
    context.setDefaultTimeout(95_000);
    return context.newPage();
  };
};

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const noFaults = { serious: [] as const, tooWide: 0 };

/** The faults of a page for people with other senses, and for those with a small screen. It needs script. */
export const faultsOf = async (page: Page): Promise<unknown> => {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }
    ).axe.run();
    type Violation = { id: string; impact: string; nodes: { html: string }[] };
    const { scrollWidth, clientWidth } = (
      globalThis as unknown as {
        document: { documentElement: { scrollWidth: number; clientWidth: number } };
      }
    ).document.documentElement;
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return {
      serious: serious.map(({ id, nodes }) => [id, nodes[0]?.html]),
      tooWide: Math.max(0, scrollWidth - clientWidth),
    };
  });
};
