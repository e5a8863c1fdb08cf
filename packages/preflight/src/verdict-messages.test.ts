import { describe, expect, test } from "vitest";
import type { Grant } from "@trust/claude-state-probe";
import { explain, grantList } from "./verdict-messages.ts";
import { agentClis } from "./providers/agent-clis.ts";
import type { PreflightRequest } from "./request.ts";
import type { Verdict } from "./verdict.ts";

const place = { workspace: "/w", cli: agentClis.claude };
const file = "/h/.claude.json";
const grant = (kind: Grant["kind"], name: string): Grant => ({
  kind,
  name,
  file: "/w/.claude/settings.json",
});

/** The fields of a request that a message may name. */
const fields: readonly (string & keyof PreflightRequest)[] = [
  "cli",
  "consents",
  "dataDir",
  "persist",
  "recordDir",
  "refuseGrants",
  "timeoutMs",
  "via",
];

const verdicts: readonly Verdict[] = [
  { code: "sign-in-needed", dialog: "claude/theme" },
  { code: "no-connection", dialog: "claude/no-connection" },
  { code: "unknown-dialog", dialog: "claude/unknown" },
  { code: "screen-reader-dialog", dialog: "claude/trust" },
  { code: "consent-needed", dialog: "claude/mcp-server", consent: "mcp" },
  { code: "consent-needed", dialog: "claude/rate-limit" },
  { code: "home-not-persistable", key: "/h" },
  { code: "root-refused", key: "/" },
  { code: "not-a-folder", detail: "ENOENT" },
  { code: "grants-refused", grants: [grant("hook", "Stop")] },
  { code: "cli-not-found", looked: "nowhere" },
  { code: "cli-too-old", version: "2.1.80" },
  { code: "pty-unavailable", detail: "forkpty(3) failed." },
  { code: "timeout", limit: "phase", timeoutMs: 15_000 },
  { code: "lock-timeout", file, holder: "pid 7", waitedMs: 60_012 },
  { code: "trust-not-persisted", file, reason: { type: "not-written" } },
  { code: "trust-not-persisted", file, reason: { type: "lost", times: 3 } },
  { code: "trust-not-persisted", file, reason: { type: "state-not-writable", detail: "EROFS" } },
  { code: "trust-not-persisted", file, reason: { type: "ledger-not-writable", detail: "ENOSPC" } },
  { code: "trust-not-persisted", file, reason: { type: "temp-not-writable", detail: "ENOSPC" } },
  { code: "state-unreadable", file, why: "It is torn." },
  { code: "cli-exited", exitCode: 1 },
  { code: "cli-exited", exitCode: 0, signal: 9 },
  { code: "untrusted-by-user", key: "/w", file },
  { code: "trust-not-persisted", file, reason: { type: "not-passable", detail: "control-character" } },
  {
    code: "trust-not-persisted",
    file,
    reason: { type: "not-repeatable", detail: "configured-projects-too-long" },
  },
  { code: "key-outside-folder", key: "/", why: "/x/.git has no HEAD." },
  { code: "trust-wider-than-planned", planned: "/w", keys: ["/"], file },
  { code: "not-asked-unproven", key: "/w", file },
  { code: "version-not-proven", why: "pi 9.9.9 was not tried." },
  { code: "consent-needed", dialog: "persist", consent: "persist" },
  { code: "control-unavailable", why: "It did not answer." },
  { code: "root-refused", key: "/tmp", emptyGit: { place: "/tmp/.git", kind: "folder" } },
  { code: "home-not-persistable", key: "/h", emptyGit: { place: "/h/.git", kind: "file" } },
  { code: "state-unreadable", file: "cfg", variable: "CLAUDE_CONFIG_DIR", why: "it is no absolute path." },
];

describe("explain", () => {
  test.each(verdicts)("has a message and a fix for $code", (verdict) => {
    const { message, fix } = explain(verdict, place);
    expect(message).toMatch(/^[A-Z/].*[.:)]$|^[A-Z/].*failed\.$/s);
    expect(fix).toBeTruthy();
    expect(`${message} ${fix}`).not.toMatch(/undefined|null|\[object/);
    expect(`${message} ${fix}`).not.toMatch(/--(?!bare\b)[a-z]/);
    const named = [...`${message} ${fix}`.matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => name.split(".")[0]);
    expect(fields).toEqual(expect.arrayContaining(named));
  });

  const said: readonly { verdict: Verdict; says: RegExp }[] = [
    { verdict: verdicts[4] as Verdict, says: /`consents` mcp=use\|refuse/ },
    { verdict: verdicts[10] as Verdict, says: /npm install -g @anthropic-ai\/claude-code@2\.1\.332/ },
    { verdict: verdicts[14] as Verdict, says: /60 s \(pid 7\)/ },
    { verdict: verdicts[22] as Verdict, says: /signal 9/ },
  ];
  test.each(said)("$verdict.code names $says", ({ verdict, says }) => {
    const { message, fix } = explain(verdict, place);
    expect(`${message} ${fix}`).toMatch(says);
  });

  test("speaks of passed trust, not of recorded trust, for a CLI that gets it at launch", () => {
    const codex = { workspace: "/w", cli: agentClis.codex };
    const texts = (["home-not-persistable", "root-refused"] as const).map(
      (code) => explain({ code, key: "/h" }, codex).message,
    );
    expect(texts).toEqual([
      "/h is the home folder: Codex would trust everything in it.",
      "The folder's trust would be passed for /h, and cover everything below it, the home folder too.",
    ]);
    expect(explain({ code: "state-unreadable", file, why: "Torn." }, codex).fix).not.toContain("backups");
  });

  test("has no fix for a folder that is trusted", () => {
    expect(explain({ code: "trusted", key: "/w" }, place)).not.toHaveProperty("fix");
  });
});

describe("grantList", () => {
  test("counts by kind, and names the first five", () => {
    const permissions = ["Bash", "Read", "Edit", "Write", "Glob", "Grep"].map((name) =>
      grant("permission", name),
    );
    expect(grantList([...permissions, grant("hook", "Stop")])).toBe(
      "6 permissions (Bash, Read, Edit, Write, Glob, ...), 1 hook (Stop)",
    );
  });
});
