import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { openHostLog, type HostLog } from "@gatehouse/logs";
import { ranCli, type RanCli } from "./ran-cli.fixture.ts";

const gatehouse = inject("programs").gatehouse;

/** A data folder with a log of this many events. */
const logged = (count: number): { readonly dataDir: string; readonly log: HostLog } => {
  const dataDir = mkdtempSync(join(tmpdir(), "gatehouse-logs-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const log = openHostLog(dataDir);
  onTestFinished(log.close);
  for (let number = 1; number <= count; number += 1) log.event("message-taken", { number });
  return { dataDir, log };
};

/** Runs `gatehouse logs` to its end. */
const logs = (dataDir: string, ...flags: readonly string[]): Promise<RanCli> =>
  ranCli({ dataDir }, "logs", ...flags);

const numbersIn = (lines: readonly string[]): readonly unknown[] =>
  lines.map((line) => (JSON.parse(line) as { readonly number: unknown }).number);

describe("gatehouse logs", () => {
  test("prints the last lines in readable form", async () => {
    const { code, stdout, stderr } = await logs(logged(3).dataDir, "-n", "2");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^\S+Z message-taken number=2\n\S+Z message-taken number=3\n$/);
  });

  test("prints the lines unchanged with --json, as JSON Lines", async () => {
    const { code, stdout } = await logs(logged(3).dataDir, "--json");
    const [first = "", ...more] = stdout.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(JSON.parse(first)).toMatchObject({ level: "info", event: "message-taken", number: 1 });
    expect(numbersIn(more)).toEqual([2, 3]);
  });

  test("prints the output of a session's containers with --session, without control characters", async () => {
    const { dataDir } = logged(1);
    const folder = join(dataDir, "sessions", "ag-1", "se-1");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "runner.log"),
      'first\n{"event":"ready","err":{"stack":"\\u001b[2J"}}\nsecond \u001b[2J\n',
    );
    expect(await logs(dataDir, "--session", "se-1")).toEqual({
      code: 0,
      stderr: "",
      stdout: 'first\n{"event":"ready","err":{"stack":"\\u001b[2J"}}\nsecond \\u{1b}[2J\n',
    });
    const { stdout } = await logs(dataDir, "--session", "se-1", "-n", "1", "--json");
    expect(JSON.parse(stdout)).toEqual({ session: "se-1", line: "second \u001b[2J" });
  });

  test.each([
    { text: "se-4f", says: { code: 0, stdout: "se-4f9d\n" } },
    { text: "se-1", says: { code: 0, stdout: "se-1\n" } },
    { text: "se-1a", says: { code: 0, stdout: "se-1abc\n" } },
    {
      text: "se-12",
      says: { code: 1, stdout: "", stderr: expect.stringMatching(/begin with se-12: se-12a, se-12b\./) },
    },
    { text: "se-", says: { code: 1, stdout: "", stderr: expect.stringMatching(/of a session "se-" has/) } },
    {
      text: "4f9d",
      says: { code: 1, stdout: "", stderr: expect.stringMatching(/of a session "4f9d" has/) },
    },
  ])("takes $text as the beginning of a session's id", async ({ text, says }) => {
    const { dataDir } = logged(1);
    for (const path of ["ag-1/se-1", "ag-1/se-1abc", "ag-1/se-12a", "ag-2/se-12b", "ag-2/se-4f9d"]) {
      const folder = join(dataDir, "sessions", path);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "runner.log"), `${basename(path)}\n`);
    }
    expect(await logs(dataDir, "--session", text)).toMatchObject(says);
  });

  describe("of a session whose agent put something at its log", () => {
    const secret = "sk-ant-api03-TOPSECRET";

    const withSession = () => {
      const { dataDir } = logged(1);
      const folder = join(dataDir, "sessions", "ag-1", "se-1");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(dataDir, "secrets.json"), `${secret}\n`);
      return { dataDir, folder, file: join(folder, "runner.log") };
    };

    test.for([
      { what: "a link to a file of the host", to: "../../../secrets.json" },
      { what: "a link to a device that never ends", to: "/dev/zero" },
      { what: "a link to nothing", to: "nothing" },
      { what: "a link to a folder", to: "../.." },
    ])("$what: prints nothing of it, and says why", async ({ to }) => {
      const { dataDir, file } = withSession();
      symlinkSync(to, file);
      const { code, stdout, stderr } = await logs(dataDir, "--session", "se-1");
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/is a link, a pipe or another entry/);
      expect((await logs(dataDir, "--session", "se-1", "--json")).stdout).not.toContain(secret);
    });

    test.for([
      { what: "a pipe", make: (file: string) => spawnSync("mkfifo", [file]), says: /is a link, a pipe/ },
      { what: "a folder", make: (file: string) => mkdirSync(file), says: /cannot be read \(EISDIR\)/ },
    ])("$what: ends at once, and says why", async ({ make, says }) => {
      const { dataDir, file } = withSession();
      make(file);
      expect(await logs(dataDir, "--session", "se-1")).toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringMatching(says) as unknown,
      });
    });

    test("a link in the place of an older part is not followed", async () => {
      const { dataDir, file } = withSession();
      writeFileSync(file, "mine\n");
      symlinkSync("../../../secrets.json", `${file}.1`);
      expect(await logs(dataDir, "--session", "se-1", "-n", "9")).toMatchObject({
        code: 0,
        stdout: "mine\n",
      });
    });

    test("a file of a terabyte without blocks: prints its end", async () => {
      const { dataDir, file } = withSession();
      writeFileSync(file, "");
      truncateSync(file, 2 ** 40);
      appendFileSync(file, "\nthe end\n");
      expect(await logs(dataDir, "--session", "se-1", "-n", "1")).toMatchObject({
        code: 0,
        stdout: "the end\n",
      });
    });
  });

  test.each([
    { flags: ["--session", "se-2"], code: 1, says: /No container of a session "se-2" has left output/ },
    { flags: ["--session", "../ag-1/se-1"], code: 1, says: /No container of a session/ },
    { flags: ["ana", "--session", "se-1"], code: 2, says: /an agent or a session, not both/ },
    { flags: ["--session", "se-1", "-f"], code: 2, says: /-f .* not with --session/ },
  ])("refuses $flags", async ({ flags, code, says }) => {
    expect(await logs(logged(1).dataDir, ...flags)).toEqual({
      code,
      stdout: "",
      stderr: expect.stringMatching(says),
    });
  });

  test("refuses a missing data folder, with a fix", async () => {
    const missing = join(logged(0).dataDir, "nowhere");
    const message = `There is no data folder ${missing}.`;
    const fix = "name it with --data, or start a host there with gatehouse up";
    expect(await logs(missing)).toEqual({ code: 1, stdout: "", stderr: `error: ${message}\nfix: ${fix}\n` });
    const { code, stdout } = await logs(missing, "-f", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ ok: false, error: { code: "no-data-folder", message, fix } });
  });

  test.for([{ flags: [] }, { flags: ["--json"] }])(
    "follows new lines with -f $flags until Ctrl-C, with exit code 130",
    { tags: ["slow"] },
    async ({ flags }) => {
      const { dataDir, log } = logged(1);
      const child = spawn(process.execPath, [gatehouse, "logs", "-f", "--data", dataDir, ...flags], {
        env: { HOME: dataDir },
        stdio: ["ignore", "pipe", "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      const [closed, lines]: [Promise<unknown[]>, string[]] = [once(child, "close"), []];
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
      for (let number = 2; number <= 4; number += 1) {
        await expect.poll(() => lines.length).toBe(number - 1);
        log.event("message-taken", { number });
      }
      await expect.poll(() => lines.length).toBe(4);
      child.kill("SIGINT");
      expect(await closed).toEqual([130, null]);
      expect(stderr).toBe("");
      if (flags.length > 0) expect(numbersIn(lines)).toEqual([1, 2, 3, 4]);
      else expect(lines.map((line) => line.replace(/^\S+Z /, ""))).toEqual(shownNumbers);
    },
  );
});

const shownNumbers = [1, 2, 3, 4].map((number) => `message-taken number=${number}`);
