import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";

const prices = (dataDir: string, ...flags: readonly string[]) => ranCli({ dataDir }, "prices", ...flags);

const sonnet = [
  ...["set", "claude-sonnet-4-5-20250929", "--alias", "claude-sonnet-4-5"],
  ...["--input", "3", "--output", "15", "--cache-read", "0.3", "--cache-write", "3.75"],
];
const codex = ["set", "gpt-5.1-codex", "--input", "1.25", "--output", "10", "--cache-read", "0.125"];

describe("gatehouse prices", () => {
  test("sets prices in one currency, lists them, and removes one", async () => {
    const dataDir = temporaryFolder();
    expect((await prices(dataDir, "list")).stdout).toBe("There are no prices: gatehouse prices set --help\n");
    expect(await prices(dataDir, ...sonnet, "--currency", "USD")).toEqual({
      code: 0,
      stderr: "",
      stdout: "set the price of claude-sonnet-4-5-20250929 in USD; a running host uses it at once\n",
    });
    expect((await prices(dataDir, ...codex, "--cache-write", "0", "--json")).stdout).toBe(
      '{"ok":true,"currency":"USD","model":"gpt-5.1-codex","aliases":[],"input":1.25,"output":10,"cacheRead":0.125,"cacheWrite":0}\n',
    );
    expect((await prices(dataDir, "list")).stdout).toBe(
      [
        "MODEL                       ALIASES            INPUT  OUTPUT  CACHE READ  CACHE WRITE",
        "claude-sonnet-4-5-20250929  claude-sonnet-4-5      3      15         0.3         3.75  USD",
        "gpt-5.1-codex               -                   1.25      10       0.125            0  USD",
        "",
      ].join("\n"),
    );
    expect((await prices(dataDir, "remove", "gpt-5.1-codex")).stdout).toBe(
      "removed the price of gpt-5.1-codex\n",
    );
    expect((await prices(dataDir, "remove", "gpt-5.1-codex")).stdout).toBe(
      "there was no price of gpt-5.1-codex\n",
    );
    expect(JSON.parse((await prices(dataDir, "list", "--json")).stdout)).toMatchObject({
      prices: [{ model: "claude-sonnet-4-5-20250929" }],
    });
  });

  test("bills what is written to a cache as input if it has no price of its own", async () => {
    const dataDir = temporaryFolder();
    const set = await prices(dataDir, ...codex, "--currency", "USD", "--json");
    expect(JSON.parse(set.stdout)).toMatchObject({ input: 1.25, cacheWrite: 1.25 });
  });

  test("knows a model of Google by the name that usage has, without models/", async () => {
    const dataDir = temporaryFolder();
    const amounts = ["--input", "1", "--output", "2", "--cache-read", "0.1", "--currency", "USD"];
    const names = ["models/gemini-2.5-pro", "--alias", "models/gemini-pro", "--alias", "tuned/models/x"];
    expect((await prices(dataDir, "set", ...names, ...amounts)).stdout).toContain(
      "price of gemini-2.5-pro in",
    );
    expect(JSON.parse((await prices(dataDir, "list", "--json")).stdout)).toMatchObject({
      prices: [{ model: "gemini-2.5-pro", aliases: ["gemini-pro", "tuned/models/x"] }],
    });
    expect((await prices(dataDir, "remove", "models/gemini-2.5-pro")).stdout).toBe(
      "removed the price of gemini-2.5-pro\n",
    );
  });

  test.for([
    { what: "a first price without a currency", args: sonnet, says: /needs a currency/, code: 1 },
    {
      what: "a missing price",
      args: ["set", "m", "--input", "1", "--output", "2", "--currency", "USD"],
      says: /--cache-read/,
      code: 2,
    },
    {
      what: "a price that is not a number",
      args: ["set", "m", "--input", "1e3"],
      says: /A price has digits/,
      code: 2,
    },
    {
      what: "a currency of another form",
      args: [...sonnet, "--currency", "dollar"],
      says: /is no currency of three capital letters/,
      code: 1,
    },
  ])("refuses $what, and changes nothing", async ({ args, says, code }) => {
    const dataDir = temporaryFolder();
    const refused = await prices(dataDir, ...args);
    expect(refused).toMatchObject({ code, stdout: "" });
    expect(refused.stderr).toMatch(says);
    expect((await prices(dataDir, "list", "--json")).stdout).toContain('"prices":[]');
  });

  test("reports a truncated file, and does not overwrite it", async () => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, "prices.json"), "{", { mode: 0o600 });
    for (const args of [["list"], [...sonnet, "--currency", "USD"]]) {
      const refused = await prices(dataDir, ...args);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain("cannot be read: it is not a JSON object");
    }
    expect(readFileSync(join(dataDir, "prices.json"), "utf8")).toBe("{");
  });

  test("needs a data folder", async () => {
    const dataDir = join(temporaryFolder(), "none");
    const refused = await prices(dataDir, ...sonnet, "--currency", "USD", "--json");
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, error: { code: "no-data-folder" } });
  });
});
