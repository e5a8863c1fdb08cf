import { describe, expect, test } from "vitest";
import { parseToml } from "./parse-text.ts";
import { projectEntries } from "./project-entries.ts";
import { findEntry, trustEntries, untrustedFolders } from "./trust-entries.ts";

const entriesOf = (toml: string) => {
  const parsed = parseToml(toml);
  if (!parsed.ok) throw new Error(`line ${parsed.error.line}`);
  return trustEntries(projectEntries(parsed.value));
};

describe("trustEntries reads", () => {
  test.each([
    {
      what: "tables",
      toml: '[projects."/a b.c"]\ntrust_level = "trusted"',
      entries: [["/a b.c", "trusted"]],
    },
    {
      what: "literal keys",
      toml: "[projects.'/a\\b']\ntrust_level = 'untrusted'",
      entries: [["/a\\b", "untrusted"]],
    },
    { what: "dotted keys", toml: 'projects."/a".trust_level = "trusted"', entries: [["/a", "trusted"]] },
    {
      what: "inline tables, as 0.20.0 wrote them",
      toml: 'projects = { "/a" = { trust_level = "trusted" } }',
      entries: [["/a", "trusted"]],
    },
    { what: "nothing where there is nothing", toml: 'model = "x"', entries: [] },
    { what: "no other level", toml: '[projects."/a"]\ntrust_level = "maybe"', entries: [] },
    { what: "no level as a number", toml: '[projects."/a"]\ntrust_level = 1', entries: [] },
    { what: "no folder that is no table", toml: '[projects]\n"/a" = "trusted"', entries: [] },
    { what: "no projects that are no table", toml: 'projects = "x"', entries: [] },
  ])("$what", ({ toml, entries }) => expect([...entriesOf(toml)]).toEqual(entries));
});

test("untrustedFolders names those alone", () => {
  const entries = entriesOf(
    'projects = { "/a" = { trust_level = "trusted" }, "/b" = { trust_level = "untrusted" } }',
  );
  expect(untrustedFolders(entries)).toEqual(["/b"]);
});

describe("findEntry", () => {
  const entries = new Map([
    ["/repo", "trusted"],
    ["/repo/sub", "untrusted"],
    ["/slash/", "trusted"],
    ["C:\\Work", "trusted"],
    ["D:\\A", "untrusted"],
    ["d:\\a", "trusted"],
  ] as const);

  test.each([
    {
      what: "the folder's own key",
      keys: ["/repo"],
      platform: "linux",
      found: { state: "trusted", key: "/repo" },
    },
    {
      what: "its root's",
      keys: ["/repo/x", "/repo"],
      platform: "linux",
      found: { state: "trusted", key: "/repo" },
    },
    {
      what: "its own before its root's",
      keys: ["/repo/sub", "/repo"],
      platform: "linux",
      found: { state: "untrusted", key: "/repo/sub" },
    },
    { what: "nothing", keys: ["/other"], platform: "linux", found: { state: "absent", key: null } },
    {
      what: "nothing for a slash at the end, as Codex",
      keys: ["/slash"],
      platform: "linux",
      found: { state: "absent", key: null },
    },
    {
      what: "nothing for other case on Linux",
      keys: ["/Repo"],
      platform: "linux",
      found: { state: "absent", key: null },
    },
    {
      what: "other case on Windows",
      keys: ["c:\\work"],
      platform: "win32",
      found: { state: "trusted", key: "c:\\work" },
    },
    {
      what: "its own spelling before another on Windows",
      keys: ["D:\\A"],
      platform: "win32",
      found: { state: "untrusted", key: "D:\\A" },
    },
    {
      what: "no other separators on Windows",
      keys: ["C:/Work"],
      platform: "win32",
      found: { state: "absent", key: null },
    },
  ] as const)("finds $what", ({ keys, platform, found }) => {
    expect(findEntry(entries, keys, platform)).toEqual(found);
  });
});
