import { describe, expect, test } from "vitest";
import { parseCommand } from "./args.ts";
import { providers } from "@gatehouse/provider-facts";
import { clis, defaultTarget } from "./clis/clis.ts";

const known = { check: ["plain", "worktree"], record: ["trust"] };
const parsed = (line: string) => parseCommand(line.split(" ").filter(Boolean), known);

describe("parseCommand", () => {
  test("selects every scenario on the default version without arguments", () => {
    expect(parsed("")).toMatchObject({
      ok: true,
      value: {
        verb: "check",
        isDefault: true,
        targets: [defaultTarget],
        scenarios: [],
      },
    });
  });

  test.each([
    {
      line: "--cli all",
      targets: providers.flatMap((provider) =>
        clis[provider].versions.map((version) => ({ type: "version", provider, version })),
      ),
    },
    {
      line: "--cli claude@2.1.197,codex@0.63.0",
      targets: [
        { type: "version", provider: "claude", version: "2.1.197" },
        { type: "version", provider: "codex", version: "0.63.0" },
      ],
    },
    {
      line: "--cli qwen,kimi@2.1.0",
      targets: [
        ...clis.qwen.versions.map((version) => ({ type: "version", provider: "qwen", version })),
        { type: "version", provider: "kimi", version: "2.1.0" },
      ],
    },
    {
      line: "--cli codex=./a/codex",
      targets: [{ type: "path", provider: "codex", path: "./a/codex" }],
    },
  ])("$line names its CLIs, so none of them may be missing", ({ line, targets }) => {
    expect(parsed(line)).toMatchObject({ ok: true, value: { targets, isDefault: false } });
  });

  test("--gate is a few scenarios of the newest CLI of each agent, which may be missing", () => {
    const [more, one] = [["plain", "agent-chat", "agent-asks"], ["agent-asks"]];
    const targets = [
      { provider: "claude", version: "2.1.332", scenarios: more },
      { provider: "codex", scenarios: more },
      { provider: "gemini", scenarios: one },
      { provider: "copilot", scenarios: one },
      { provider: "qwen", version: "0.24.4", scenarios: one },
      { provider: "kimi", scenarios: one },
      { provider: "opencode", scenarios: one },
    ];
    expect(parsed("--gate")).toMatchObject({ ok: true, value: { targets, isDefault: true } });
    const named = parsed("--gate --scenario plain");
    expect(named.ok && named.value.targets.map(({ scenarios }) => scenarios)).toEqual(
      targets.map(() => ["plain"]),
    );
  });

  test("accepts the scenarios of record only with record", () => {
    expect(parsed("record --scenario trust")).toMatchObject({ ok: true, value: { verb: "record" } });
    expect(parsed("record --scenario plain")).toMatchObject({ ok: false });
  });

  test.each([
    {
      line: "--cli kodex@1.0.0",
      says: "no CLI: kodex@1.0.0 (claude, codex, gemini, copilot, qwen, kimi, opencode, pi: NAME,",
    },
    { line: "--cli claude=", says: "no CLI: claude=" },
    { line: "--cli claude@2.1", says: "no CLI: claude@2.1" },
    { line: "--cli claude@2.1.328;rm", says: "no CLI" },
    { line: "--scenario plain,symlink", says: "no scenario: symlink" },
    { line: "replay", says: "unexpected argument: replay" },
    { line: "--fast", says: "--fast" },
  ])("$line is a usage error that names what is wrong", ({ line, says }) => {
    const result = parsed(line);
    expect(result.ok ? "" : result.error).toContain(says);
  });
});
