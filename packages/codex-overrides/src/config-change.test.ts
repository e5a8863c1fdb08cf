import { describe, expect, test } from "vitest";
import { configChange, projectKey, type ConfigSnapshot } from "./config-change.ts";

const file = "/home/ada/.codex/config.toml";
const snapshot = (keys: Record<string, string>, mtimeMs = 1): ConfigSnapshot => ({
  file,
  stat: { size: 10, mtimeMs, inode: 7 },
  digest: JSON.stringify(keys),
  keys: new Map(Object.entries(keys)),
});
const missing: ConfigSnapshot = { file, stat: null, digest: null, keys: null };
const broken = (digest: string): ConfigSnapshot => ({ ...snapshot({}), digest, keys: null });
const trust = "codex_config_changed_during_trust_override";
const elsewhere = "config-changed-elsewhere";
const folder = projectKey('/a "b"');

describe("configChange reports", () => {
  test.each([
    {
      what: "a folder that was added",
      before: snapshot({}),
      after: snapshot({ [folder]: "1" }),
      code: trust,
      changed: ['projects."/a \\"b\\""'],
    },
    {
      what: "a folder that was changed",
      before: snapshot({ [folder]: "1" }),
      after: snapshot({ [folder]: "2" }),
      code: trust,
      changed: [folder],
    },
    {
      what: "a folder that was removed",
      before: snapshot({ [folder]: "1" }),
      after: snapshot({}),
      code: trust,
      changed: [folder],
    },
    {
      what: "projects that are not a table",
      before: snapshot({ projects: "1" }),
      after: snapshot({ projects: "2" }),
      code: trust,
      changed: ["projects"],
    },
    {
      what: "another key",
      before: snapshot({ tui: "1" }),
      after: snapshot({ tui: "2" }),
      code: elsewhere,
      changed: ["tui"],
    },
    {
      what: "a key whose name starts with projects",
      before: snapshot({}),
      after: snapshot({ projects_x: "1" }),
      code: elsewhere,
      changed: ["projects_x"],
    },
    {
      what: "another file with the same content and time",
      before: snapshot({ tui: "1" }),
      after: { ...snapshot({ tui: "1" }), stat: { size: 10, mtimeMs: 1, inode: 8 } },
      code: elsewhere,
      changed: [],
    },
    { what: "a new file", before: missing, after: snapshot({ tui: "1" }), code: elsewhere, changed: ["tui"] },
    {
      what: "a new file with a folder",
      before: missing,
      after: snapshot({ [folder]: "1" }),
      code: trust,
      changed: [folder],
    },
    {
      what: "a file that was removed",
      before: snapshot({ [folder]: "1" }),
      after: missing,
      code: trust,
      changed: [folder],
    },
    {
      what: "the same content written again",
      before: snapshot({ [folder]: "1" }),
      after: snapshot({ [folder]: "1" }, 2),
      code: elsewhere,
      changed: [],
    },
    { what: "a file that is not TOML", before: broken("1"), after: broken("2"), code: trust, changed: [] },
    {
      what: "a file that is no longer TOML",
      before: snapshot({ tui: "1" }),
      after: broken("2"),
      code: trust,
      changed: [],
    },
  ])("$what", ({ before, after, code, changed }) => {
    expect(configChange(before, after)).toEqual({ code, file, changed, more: 0 });
  });

  test("at most twenty names, and the number of the others", () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, "1"]));
    const change = configChange(snapshot({}), snapshot(many));
    expect([change?.changed.length, change?.more]).toEqual([20, 980]);
  });

  test.each([
    { what: "the same file", before: snapshot({ a: "1" }), after: snapshot({ a: "1" }) },
    { what: "a file that is missing both times", before: missing, after: missing },
    { what: "the same broken file", before: broken("1"), after: broken("1") },
  ])("nothing for $what", ({ before, after }) => expect(configChange(before, after)).toBe(null));
});
