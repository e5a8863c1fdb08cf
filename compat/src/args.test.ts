import { describe, expect, test } from "vitest";
import { parseCommand } from "./args.ts";
import { defaultVersion, matrix } from "./version.ts";

const known = { check: ["plain", "worktree"], record: ["trust"] };
const parsed = (line: string) => parseCommand(line.split(" ").filter(Boolean), known);

describe("parseCommand", () => {
  test("without arguments: every scenario on the default version", () => {
    expect(parsed("")).toMatchObject({
      ok: true,
      value: {
        verb: "check",
        isDefault: true,
        targets: [{ type: "version", version: defaultVersion }],
        scenarios: [],
      },
    });
  });

  test.each([
    { line: "--cli all", targets: matrix.map((version) => ({ type: "version", version })) },
    {
      line: "--cli claude@2.1.197,claude@2.1.328",
      targets: [
        { type: "version", version: "2.1.197" },
        { type: "version", version: "2.1.328" },
      ],
    },
    { line: "--cli claude=./a/claude", targets: [{ type: "path", path: "./a/claude" }] },
  ])("$line names its CLIs, so none of them may be missing", ({ line, targets }) => {
    expect(parsed(line)).toMatchObject({ ok: true, value: { targets, isDefault: false } });
  });

  test("record has scenarios of its own", () => {
    expect(parsed("record --scenario trust")).toMatchObject({ ok: true, value: { verb: "record" } });
    expect(parsed("record --scenario plain")).toMatchObject({ ok: false });
  });

  test.each([
    { line: "--cli codex@1.0.0", says: "no CLI: codex@1.0.0" },
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
