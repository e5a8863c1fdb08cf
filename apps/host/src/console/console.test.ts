// @module-tag rest
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { writeNamedCertificate } from "@gatehouse/socket-server/testing";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { endHost, folderWithAna } from "../up/echo-group.fixture.ts";
import { spawnHost } from "../up/host.fixture.ts";
import { run, tryRun } from "../up/run.fixture.ts";
import { consoleHost, faultsOf, noFaults, program, startChromium } from "./chromium.fixture.ts";

const { gatehouse } = inject("programs");

const fakeSession = fileURLToPath(
  new URL("../../../../test-fixtures/programs/fake-session.mjs", import.meta.url),
);

/** Launches a held agent, whose CLI is a script that asks when it is told to. */
const launchAgent = (dataDir: string) => {
  const root = temporaryFolder();
  const [home, bin, folder] = [join(root, "home"), join(root, "bin"), join(root, "shop")];
  for (const made of [home, bin, folder]) mkdirSync(made);
  symlinkSync(fakeSession, join(bin, "claude"));
  const projects = { [folder]: { hasTrustDialogAccepted: true } };
  const state = { hasCompletedOnboarding: true, theme: "dark", projects };
  writeFileSync(join(home, ".claude.json"), JSON.stringify(state));
  const PATH = [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  const env = { HOME: home, PATH, TERM: "xterm-256color", GATEHOUSE_DATA: dataDir };
  const ask = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [gatehouse, ...args], {
      env,
      encoding: "utf8",
    });
    expect({ args, status, stderr }).toMatchObject({ args, status: 0 });
    return stdout;
  };
  onTestFinished(() => void ask("stop", "--all"));
  ask("launch", "--agents", "1", "--provider", "claude", folder);
  const log = (): string => readFileSync(join(home, "fake-session.log"), "utf8");
  return { log, events: (name: string) => ask("logs", name) };
};

describe.runIf(program !== "")("the console in Chromium", { tags: ["slow"] }, () => {
  const opened = startChromium();

  /** Signs in by a typed code, which also works without script. */
  const signedIn = async (link: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await opened(options);
    const [address = "", code = ""] = link.split("#code=");
    await page.goto(address);
    await page.getByLabel("Code").fill(code);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/waiting");
    return page;
  };

  test("shows a request at once on an open page, and takes the answer by keyboard alone", async () => {
    const { host, say, link } = await consoleHost();
    const page = await opened({ viewport: { width: 900, height: 700 } });
    await page.goto(link());
    await page.waitForURL("**/waiting");
    expect(await page.title()).toBe("Waiting - Gatehouse");
    say('/tool Bash {"command":"npm test"}');
    await page.locator(".what").getByText('command: "npm test"').waitFor();
    expect(await page.title()).toBe("(1) Waiting - Gatehouse");
    const focused = () => page.locator(":focus").textContent();
    for (let tabs = 0; tabs < 20; tabs += 1) {
      await page.keyboard.press("Tab");
      if ((await focused())?.includes("Allow once")) break;
    }
    await page.keyboard.press("Enter");
    await page.getByText(/^Approved by you: use Bash/).waitFor();
    await endHost(host);
  });

  test("takes no press that may have been meant for something else, and no Enter in the words", async () => {
    const { host, say, link } = await consoleHost();
    const page = await opened();
    await page.goto(link());
    await page.waitForURL("**/waiting");
    await page.evaluate(`
      const live = document.querySelector("[data-live]");
      globalThis.first = new Promise((resolve) => {
        new MutationObserver(() => {
          const button = live.querySelector("button[name=option]");
          if (button !== null) resolve(getComputedStyle(button).pointerEvents);
        }).observe(live, { childList: true });
      });
      globalThis.submits = 0;
      document.addEventListener("submit", () => { submits += 1; }, true);
    `);
    const command = `echo 1\ntrue #${" ".repeat(300)}command: "npm test"`;
    say(`/tool Bash ${JSON.stringify({ command })}`);
    expect(await page.evaluate("first")).toBe("none");
    await page.locator("form.options:not(.fresh)").waitFor();
    await page.getByLabel("Reason (sent with Reject)").press("Enter");
    expect(await page.evaluate("submits")).toBe(0);
    // A further row of a line begins to the right of where lines begin.
    const rows = await page.evaluate(`
      [...document.querySelectorAll(".line")].map((line) => {
        const range = document.createRange();
        range.selectNodeContents(line);
        const [first, ...others] = [...range.getClientRects()].filter(({ width }) => width > 0).map(({ left }) => left);
        return others.filter((left) => left < first + 10).length === 0 ? others.length > 0 : "bad";
      })
    `);
    expect(rows).toContain(true);
    expect(rows).not.toContain("bad");
    expect(await faultsOf(page)).toEqual(noFaults);
    await page.getByLabel("Reason (sent with Reject)").fill("not now");
    await page.getByRole("button", { name: "Reject" }).click();
    await page.getByText(/^Rejected by you: use Bash/).waitFor();
    await endHost(host);
  });

  test("shows a line with words that run from right to left in the order in which it is written", async () => {
    const { dataDir, host, say, link } = await consoleHost();
    const page = await opened({ viewport: { width: 900, height: 700 } });
    await page.goto(link());
    await page.waitForURL("**/waiting");
    say(`/tool Bash ${JSON.stringify({ command: "mv אב /1 /2 גד ; echo ok" })}`);
    await page.locator(".what .line", { hasText: "echo ok" }).waitFor();
    const lefts = await page.evaluate(`
      (() => {
        const line = [...document.querySelectorAll(".what .line")].find((one) => one.textContent.includes("echo ok"));
        // The value of the field is a text of its own.
        const text = [...line.childNodes].find((node) => (node.data ?? "").includes("echo ok"));
        return ["mv", "אב", "/", "1", "2", "גד", "echo"].map((word) => {
          const range = document.createRange();
          const at = text.data.indexOf(word);
          range.setStart(text, at);
          range.setEnd(text, at + word.length);
          return range.getBoundingClientRect().left;
        });
      })()
    `);
    expect(lefts).toEqual((lefts as readonly number[]).toSorted((one, other) => one - other));
    const { stdout } = tryRun(gatehouse, "ps", "--waiting", "--data", dataDir);
    expect(stdout).toContain(String.raw`mv \u{5d0}\u{5d1} /1 /2 \u{5d2}\u{5d3}`);
    await endHost(host);
  });

  test("takes a refusal with words, and a message, without script, by a typed code", async () => {
    const { dataDir, host, say, link } = await consoleHost();
    const page = await signedIn(link("--as", "local:ana"), { javaScriptEnabled: false });
    say('/tool Bash {"command":"npm test"}');
    await expect.poll(async () => (await page.reload(), page.locator("section.card").count())).toBe(1);
    await page.getByLabel("Reason (sent with Reject)").fill("not before Monday");
    await page.getByRole("button", { name: "Reject" }).click();
    await page.getByText(/^Rejected by you: use Bash/).waitFor();
    await page.getByRole("link", { name: "Talk" }).click();
    await page.getByLabel("Your message").fill("without script");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".talk .own").getByText("without script").waitFor();
    const history = run(gatehouse, "history", "--group", "ana", "--data", dataDir);
    for (const text of ["not before Monday", "without script"]) expect(history).toContain(text);
    await endHost(host);
  });

  test("talks with an agent: by Enter, with the answer and a card on the open page", async () => {
    const { host, link } = await consoleHost();
    const page = await opened();
    await page.goto(link());
    await page.waitForURL("**/waiting");
    await page.getByRole("link", { name: "Talk" }).click();
    await page.getByRole("link", { name: "Ana" }).click();
    const say = async (text: string): Promise<void> => {
      await page.getByLabel("Your message").fill(text);
      await page.keyboard.press("Enter");
    };
    await say("first line");
    await page.locator(".talk .agent").getByText("first line").waitFor();
    await say('/tool Bash {"command":"npm test"}');
    await page.getByRole("button", { name: "Allow once" }).click();
    await page.locator("details.done", { hasText: "Approved" }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/talk\/ag-/);
    await endHost(host);
  });

  test("works in more tabs than a browser opens connections, also after one is closed", async () => {
    const { host, say, link } = await consoleHost();
    const first = await opened();
    await first.goto(link());
    await first.waitForURL("**/waiting");
    const { origin } = new URL(first.url());
    const tabs = [first];
    for (let count = 1; count < 9; count += 1) {
      const tab = await first.context().newPage();
      await tab.goto(`${origin}${count % 2 === 0 ? "/waiting" : "/groups"}`);
      tabs.push(tab);
    }
    const waiting = tabs.filter((_tab, index) => index % 2 === 0);
    say('/tool Bash {"command":"npm test"}');
    for (const tab of waiting) await tab.locator(".what").getByText('command: "npm test"').waitFor();
    await waiting.at(-1)?.getByRole("button", { name: "Allow once" }).click();
    for (const tab of waiting.slice(0, -1)) await tab.getByText("Nothing waits for you").waitFor();
    // The first page has the stream of all.
    await first.close();
    say('/tool Bash {"command":"npm run lint"}');
    for (const tab of waiting.slice(1))
      await tab.locator(".what").getByText('command: "npm run lint"').waitFor();
    await endHost(host);
  });

  test("says that it is not connected, or signed out, and keeps a message that was not sent", async () => {
    const { dataDir, host, say, link } = await consoleHost();
    const at = link();
    const page = await opened({ viewport: { width: 900, height: 700 } });
    await page.goto(at);
    await page.waitForURL("**/waiting");
    const other = await page.context().newPage();
    await other.goto(page.url());
    await page.getByRole("link", { name: "Talk" }).click();
    await page.getByRole("link", { name: "Ana" }).click();
    await page.getByLabel("Your message").fill("hello");
    await page.keyboard.press("Enter");
    await page.locator(".talk .own").getByText("hello").waitFor();
    await page.getByLabel("Your message").fill("a long text");
    await endHost(host);
    for (const tab of [page, other]) await tab.getByText("Not connected to the host").waitFor();
    await page.getByRole("button", { name: "Send" }).click();
    expect(await page.getByLabel("Your message").inputValue()).toBe("a long text");
    const next = spawnHost(dataDir, ["--console", new URL(at).host]);
    await next.ready();
    for (const tab of [page, other]) await tab.getByText("Your sign-in has ended").waitFor();
    await page.getByRole("button", { name: "Send" }).click();
    expect(await page.getByLabel("Your message").inputValue()).toBe("a long text");
    say('/tool Bash {"command":"npm test"}');
    // Its form is of the earlier sign-in.
    await other.goto(link());
    await other.locator(".what").getByText('command: "npm test"').waitFor();
    await page.locator(".what").getByText('command: "npm test"').waitFor();
    expect(await page.getByText("Your sign-in has ended").isVisible()).toBe(false);
    await page.reload();
    expect(await page.getByLabel("Your message").inputValue()).toBe("a long text");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".talk .own").getByText("a long text").waitFor();
    expect(await page.getByLabel("Your message").inputValue()).toBe("");
    await endHost(next);
  });

  test.each([
    ["with script", true],
    ["without script", false],
  ])("answers a question of a held agent, %s, for the operator alone", async (_how, javaScriptEnabled) => {
    const { dataDir, host, link } = await consoleHost();
    const { log, events } = launchAgent(dataDir);
    const page = await signedIn(link(), { javaScriptEnabled });
    await page.getByRole("link", { name: "Agents" }).click();
    await page.locator("td a").click();
    const name = (await page.locator("h1").textContent()) ?? "";
    await page.getByLabel("Your prompt").fill("ask");
    await page.getByRole("button", { name: "Send" }).click();
    /** With script, an open page reads itself anew. */
    const textOf = async (): Promise<string> => {
      if (!javaScriptEnabled) await page.reload();
      return (await page.locator("main").textContent()) ?? "";
    };
    const shows = (text: RegExp) => expect.poll(textOf).toMatch(text);
    await shows(/May I run this command\?[^]*It asks/);
    if (javaScriptEnabled) expect(await faultsOf(page)).toEqual(noFaults);
    await page.getByRole("button", { name: "No, and tell it what to do instead" }).click();
    await shows(/^(?![^]*It asks)[^]*May I run this command\? No, and tell it what to do instead/);
    expect(log()).toContain('"chosen":"No, and tell it what to do instead"');
    expect(events(name)).toMatch(
      / answer .*option=No, and tell it what to do instead by=operator \(console\)/,
    );
    const person = await signedIn(link("--as", "local:ana"), { javaScriptEnabled });
    expect(await person.getByRole("link", { name: "Agents" }).count()).toBe(0);
    await person.goto(page.url());
    await person.getByText("The operator alone sees this.").waitFor();
    expect(await person.getByText("May I run").count()).toBe(0);
    await endHost(host);
  });

  test.each([
    ["with script", true],
    ["without script", false],
  ])("restores a group's configuration, %s, unless it changed meanwhile", async (_how, javaScriptEnabled) => {
    const { host, link } = await consoleHost();
    const { ncl } = inject("programs");
    const setModel = (model: string): string =>
      run(ncl, "groups", "config", "update", "Ana", "--model", model, "--socket", host.socket);
    setModel("opus");
    const page = await signedIn(link(), { javaScriptEnabled });
    await page.getByRole("link", { name: "Groups" }).click();
    await page.locator("td a").first().click();
    const model = page.locator("dt:text-is('model') + dd");
    expect(await model.textContent()).toMatch(/^opus/);
    setModel("sonnet");
    await page.getByRole("button", { name: "Restore generation 1" }).click();
    await page.getByText(/is at generation 3, not 2/).waitFor();
    expect(await model.textContent()).toMatch(/^sonnet/);
    await page.getByRole("button", { name: "Restore generation 2" }).click();
    await page.getByText("rolled back on the console").waitFor();
    expect(await model.textContent()).toMatch(/^opus/);
    if (javaScriptEnabled) expect(await faultsOf(page)).toEqual(noFaults);
    await endHost(host);
  });

  test("has the rows of the host's status, and runs its checks by a button", async () => {
    const { host, link } = await consoleHost();
    const page = await signedIn(link(), { javaScriptEnabled: false });
    await page.getByRole("link", { name: "Health" }).click();
    await page.locator("dt", { hasText: "disk" }).waitFor();
    await page.getByRole("button", { name: "Run the checks" }).click();
    await page.getByRole("button", { name: "Run them again" }).waitFor();
    expect(await page.locator("main").textContent()).toMatch(/(?:Ready|Not ready)[^]*disk\s*Fine/);
    await endHost(host);
  });

  test("is signed in to by TLS, at the name of the certificate", async () => {
    const { cert, key } = await writeNamedCertificate(temporaryFolder(), { names: ["localhost"] });
    const { host, say, link } = await consoleHost("--console-tls-cert", cert, "--console-tls-key", key);
    const page = await opened({ ignoreHTTPSErrors: true });
    const at = link();
    expect(at).toMatch(/^https:\/\/localhost:\d+\/sign-in#code=/);
    await page.goto(at);
    await page.waitForURL("**/waiting");
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "Strict", path: "/" });
    expect(cookie?.name).toMatch(/^__Host-gatehouse-/);
    say('/tool Bash {"command":"npm test"}');
    await page.getByRole("button", { name: "Allow once" }).click();
    await page.getByText(/^Approved by you: use Bash/).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    expect(await page.context().cookies()).toEqual([]);
    await endHost(host);
  });
});

test("a host without --console has none, and says how to get one", { tags: ["slow"] }, async () => {
  const dataDir = await folderWithAna();
  const host = spawnHost(dataDir);
  await host.ready();
  const { status, stderr } = tryRun(gatehouse, "console", "--data", dataDir);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/serves no console.*\n.*gatehouse up --console/),
  ]);
  await endHost(host);
});

test.each([
  [["--console", "0.0.0.0:7470"], /browsers of this machine.*--console-tls-cert FILE/],
  [["--console", "192.0.2.1:80"], /browsers of this machine.*ssh -L/],
  [["--console", "example.com:80"], /browsers of this machine/],
  [["--console", "74700"], /an address and a port/],
  [["--console", "--console-tls-cert", "c.pem"], /go together/],
  [["--console-tls-cert", "c.pem", "--console-tls-key", "k.pem"], /need --console/],
])("up refuses %j", { tags: ["slow"] }, (args, why) => {
  const { status, stderr } = tryRun(gatehouse, "up", ...args);
  expect([status, stderr]).toEqual([2, expect.stringMatching(why)]);
});
