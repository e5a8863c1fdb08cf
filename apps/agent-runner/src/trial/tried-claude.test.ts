import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { placeWithProgram } from "../provider.fixture.ts";
import { triedClaude } from "./tried-claude.ts";
import { tryClaude } from "./try-claude.ts";

const fake = join(import.meta.dirname, "../../../../test-fixtures/programs/fake-claude-stream.mjs");

// tools/compat tries real versions (`agent-trial`); these programs are unsuitable for the runner.

describe("a trial of Claude Code before its first turn", () => {
  test.for([
    {
      what: "a program that does not know a flag",
      script: `echo "error: unknown option '--replay-user-messages'" >&2; exit 1`,
      says: /too old: 2\.1\.275 or newer is needed.*--replay-user-messages/,
    },
    {
      what: "a program whose results name no prompt",
      script: `read line; echo '{"type":"result","is_error":false,"result":"hi"}'; sleep 5`,
      says: /too old: 2\.1\.275 or newer is needed/,
    },
  ])("refuses $what", async ({ script, says }) => {
    const where = placeWithProgram("claude", script);
    const started = await triedClaude(where).start(null);
    expect(started).toMatchObject({ ok: false, error: { code: "failed" } });
    expect(started.ok ? "" : started.error.message).toMatch(says);
    expect(existsSync(join(where.folder, "out", "claude-tried"))).toBe(false);
  });

  test("accepts a program that keeps its prompt and continues a killed turn, and records it", async () => {
    const where = placeWithProgram("claude", `exec ${process.execPath} ${fake} "$@"`);
    expect(await tryClaude({ env: where.env, isKilled: true })).toEqual({ ok: true, value: null });
    expect(await triedClaude(where).start(null)).toEqual({ ok: true, value: null });
    expect(existsSync(join(where.folder, "out", "claude-tried"))).toBe(true);
  });

  test("accepts a program whose trial has no result, and tries it again", async () => {
    const where = placeWithProgram("claude", "exit 7");
    expect(await triedClaude(where).start(null)).toEqual({ ok: true, value: null });
    expect(existsSync(join(where.folder, "out", "claude-tried"))).toBe(false);
  });
});
