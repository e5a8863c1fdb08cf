import { describe, expect, test } from "vitest";
import { explain, type Problem } from "./problem-messages.ts";

const file = "/home/ada/.codex/config.toml";
const changed = { file, changed: ["tui"], more: 0 };

/** One of each code: the compiler asks for a row when a code is added. */
const problems = {
  "too-many-overrides": { code: "too-many-overrides", index: 1024 },
  "too-many-bytes": { code: "too-many-bytes", index: 3 },
  "not-text": { code: "not-text", index: 3 },
  "not-this-shape": { code: "not-this-shape", index: 3 },
  duplicate: { code: "duplicate", index: 3 },
  "folder-too-long": { code: "folder-too-long", index: 3 },
  "control-character": { code: "control-character", index: 3 },
  "ill-formed-text": { code: "ill-formed-text", index: 3 },
  "relative-path": { code: "relative-path", index: 3 },
  "dot-segment": { code: "dot-segment", index: 3 },
  "not-normalized": { code: "not-normalized", index: 3 },
  "root-refused": { code: "root-refused", index: 3 },
  "home-refused": { code: "home-refused", index: 3 },
  "untrusted-by-user": { code: "untrusted-by-user", folder: "/a" },
  "settings-malformed": { code: "settings-malformed", at: "codex" },
  "settings-not-inline": { code: "settings-not-inline" },
  "argument-too-long": { code: "argument-too-long", size: 140_000, limit: 131_071 },
  "configured-projects-too-long": { code: "configured-projects-too-long", size: 140_000, limit: 131_071 },
  "configured-projects-too-deep": { code: "configured-projects-too-deep" },
  "caller-projects-unreadable": { code: "caller-projects-unreadable" },
  codex_trust_settings_surface_unknown: { code: "codex_trust_settings_surface_unknown", patchId: "P" },
  "dialect-refused": { code: "dialect-refused", patchId: "P" },
  codex_config_changed_during_trust_override: {
    code: "codex_config_changed_during_trust_override",
    ...changed,
  },
  "config-changed-elsewhere": { code: "config-changed-elsewhere", ...changed },
  "config-unreadable": { code: "config-unreadable", file, detail: "EACCES" },
  "config-invalid": { code: "config-invalid", file, line: 2, column: 3 },
  "not-a-folder": { code: "not-a-folder", folder: "/a", detail: "ENOENT" },
  "pointer-unreadable": { code: "pointer-unreadable", file: "/a/.git", detail: "EFBIG" },
} satisfies { readonly [C in Problem["code"]]: Problem & { readonly code: C } };

describe("explain", () => {
  test.each(Object.values(problems))("has sentences for $code, with what to do", (problem) => {
    const text = explain(problem);
    expect(text).toMatch(/^.{20,}\. [A-Z].*\.$/);
    expect(text).not.toMatch(/undefined|null|\[object/);
  });

  test.each([
    { problem: problems["root-refused"], text: "config_overrides[3] names the root of a disk" },
    { problem: problems["untrusted-by-user"], text: "/a is marked untrusted" },
    { problem: problems["settings-malformed"], text: "contract at codex." },
    { problem: { ...problems["settings-malformed"], at: "" }, text: "contract at their root." },
    { problem: problems["argument-too-long"], text: "140000 of at most 131071 bytes" },
    { problem: { ...problems["argument-too-long"], limit: 32_506 }, text: "32506 characters" },
    { problem: problems["configured-projects-too-long"], text: "140000 of at most 131071 bytes" },
    { problem: problems["config-unreadable"], text: `${file} could not be read (EACCES)` },
    { problem: problems["config-invalid"], text: "line 2, column 3" },
    { problem: problems["config-changed-elsewhere"], text: "not its projects: tui" },
    { problem: { ...problems["config-changed-elsewhere"], changed: [] }, text: "with the same content" },
    { problem: { ...problems["config-changed-elsewhere"], more: 4 }, text: "tui and 4 more" },
  ])("says $text", ({ problem, text }) => expect(explain(problem as Problem)).toContain(text));
});
