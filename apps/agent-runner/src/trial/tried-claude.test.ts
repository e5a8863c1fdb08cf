import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ProviderPlace } from "../provider.ts";
import { triedClaude } from "./tried-claude.ts";

// tools/compat tries real versions (`agent-trial`); these are programs that are not what the runner needs.

/** A place whose PATH has a program `claude` with this script; null: no such program. */
const place = (script: string | null): ProviderPlace => {
  const folder = mkdtempSync(join(tmpdir(), "tried-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, "bin");
  for (const name of ["bin", "out", "work"]) mkdirSync(join(folder, name));
  if (script !== null) {
    writeFileSync(join(bin, "claude"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, "claude"), 0o755);
  }
  return {
    ...{ folder, cwd: join(folder, "work"), env: { PATH: `${bin}:/usr/bin:/bin` }, gateway: null },
    toolProgram: { command: "false", args: [], env: {} },
    json: {
      ...{ groupId: "ag-1", assistantName: "Ada", provider: "claude", model: null, effort: null },
      ...{ mcpServers: {}, maxMessagesPerPrompt: 10, timezone: "UTC" },
    },
  };
};

describe("a trial of Claude Code before its first turn", () => {
  test.for([
    { what: "a missing program", script: null, says: /cannot be started \(ENOENT\)/ },
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
    const where = place(script);
    const started = await triedClaude(where).start(null);
    expect(started).toMatchObject({ ok: false, error: { code: "failed" } });
    expect(started.ok ? "" : started.error.message).toMatch(says);
    expect(existsSync(join(where.folder, "out", "claude-tried"))).toBe(false);
  });

  test("lets a program be that says nothing about itself, and tries it again", async () => {
    const where = place(`exit 7`);
    expect(await triedClaude(where).start(null)).toEqual({ ok: true, value: null });
    expect(existsSync(join(where.folder, "out", "claude-tried"))).toBe(false);
  });
});
