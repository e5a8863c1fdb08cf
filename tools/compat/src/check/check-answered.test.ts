// @module-tag rest
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliFacts } from "@gatehouse/provider-facts";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { checkAnswered } from "./check-answered.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { onRecord } from "../box/on-record.ts";
import { agents } from "../record/agents.ts";
import { accepted, type AnsweredExpected, type AnsweredScenario } from "../scenarios/answered-scenario.ts";
import { usePrograms } from "../start/programs.ts";

usePrograms(inject("programs"));

const program = fileURLToPath(new URL("../../../../test-fixtures/programs/fake-agent.mjs", import.meta.url));

/** A fake Kimi as an npm package, which draws the screens of its scenario. */
const fakeKimi = (): InstalledCli => {
  const folder = mkdtempSync(join(tmpdir(), "gh-fake-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(program, join(folder, "kimi.mjs"));
  chmodSync(join(folder, "kimi.mjs"), 0o755);
  const { npmPackage: name } = cliFacts.kimi;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "2.1.0" }));
  return { provider: "kimi", version: "2.1.0", path: join(folder, "kimi.mjs") };
};

const rule = "─".repeat(60);
const asking = {
  title: [
    " Trust this folder?",
    " ↑↓ navigate · Enter select · Esc exit",
    "",
    " %CWD%",
    "",
    " Project-level MCP servers are disabled until you explicitly choose Trust. Trust starts the listed project MCP",
    " targets and remembers this folder.",
    "",
  ],
  pointer: "❯",
  options: [
    "Trust this folder\nEnable project MCP servers. Remembered for this folder.\n",
    "Don't trust\nExit Kimi Code. Asked again next launch.",
  ],
  then: ["Bye"],
};
const silent = { then: [rule, " > ", rule, " context: 0%"] };

/** The file name of a folder's record, as in Kimi Code 2.1.0. */
const recordName = (root: string): string =>
  `wd_plain_${createHash("sha256").update(root).digest("hex").slice(0, 12)}`;

const expected = accepted("trusted")(["w/plain"], { "w/plain": "trust" });

type Changes = {
  readonly nameOf?: (root: string) => string;
  readonly meanwhile?: readonly string[];
  readonly is?: AnsweredExpected;
};

/** The fake asks at every start, even after it wrote a record, as this scenario expects. */
const check = (draws: object, { nameOf = recordName, is = expected, ...more }: Changes = {}) => {
  const cli = fakeKimi();
  const scenario: AnsweredScenario = {
    name: "plain",
    why: "A folder is trusted, and no other.",
    arrange: (box) => {
      const root = box.folder("w/plain");
      const file = box.path(`.kimi-code/workspace-trust/${nameOf(root)}`);
      const text = JSON.stringify({ root });
      const fields = { ...draws, saves: { "Trust this folder": { file, text } } };
      writeFileSync(join(cli.path, "..", "fake-agent.json"), JSON.stringify(fields));
    },
    folders: ["w/plain"],
    ...more,
    expect: [{ is }],
  };
  const parts = { agent: agents.kimi, read: onRecord.kimi, scenario };
  return checkAnswered(cli, parts, new AbortController().signal);
};

describe("checkAnswered", () => {
  test("finds no problem with a CLI that records the folder", { tags: ["slow"] }, async () => {
    expect(await check(asking)).toEqual([]);
  });

  test("reports a record that its CLI will not find", { tags: ["slow"] }, async () => {
    const problems = await check(asking, { nameOf: () => "wd_plain_0123456789ab" });
    expect(problems).toEqual([
      'what is on record is {"w/plain":"not found as wd_plain_0123456789ab"}, not {"w/plain":"trusted"}',
    ]);
  });

  test("treats two preflights at once as one", { tags: ["slow"] }, async () => {
    const none = { status: "blocked", code: "not-a-folder", trustKey: null };
    const is = { ...expected, exit: 1, results: [...expected.results, none] };
    expect(await check(asking, { meanwhile: ["w/none"], is })).toEqual([]);
  });

  test("reports a CLI that never asks", { tags: ["slow"] }, async () => {
    const problems = (await check(silent)).join("\n");
    expect(problems).toContain('status is "not-needed", not "trusted"');
    expect(problems).toContain('what is on record is {}, not {"w/plain":"trusted"}');
    expect(problems).toContain("w/plain: kimi ends at ready, not trust");
  });
});
