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
    { what: "no entry from a file without projects", toml: 'model = "x"', entries: [] },
    { what: "no other level", toml: '[projects."/a"]\ntrust_level = "maybe"', entries: [] },
    { what: "no level as a number", toml: '[projects."/a"]\ntrust_level = 1', entries: [] },
    { what: "no folder that is not a table", toml: '[projects]\n"/a" = "trusted"', entries: [] },
    { what: "no projects that are not a table", toml: 'projects = "x"', entries: [] },
  ])("$what", ({ toml, entries }) => expect([...entriesOf(toml)]).toEqual(entries));
});

test("untrustedFolders gives only the untrusted folders", () => {
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
      what: "its root's key",
      keys: ["/repo/x", "/repo"],
      platform: "linux",
      found: { state: "trusted", key: "/repo" },
    },
    {
      what: "its own key before its root's key",
      keys: ["/repo/sub", "/repo"],
      platform: "linux",
      found: { state: "untrusted", key: "/repo/sub" },
    },
    {
      what: "no entry for another folder",
      keys: ["/other"],
      platform: "linux",
      found: { state: "absent", key: null },
    },
    {
      what: "no entry for a key with a slash at the end, like Codex",
      keys: ["/slash"],
      platform: "linux",
      found: { state: "absent", key: null },
    },
    {
      what: "no entry in other case on Linux",
      keys: ["/Repo"],
      platform: "linux",
      found: { state: "absent", key: null },
    },
    {
      what: "an entry in other case on Windows",
      keys: ["c:\\work"],
      platform: "win32",
      found: { state: "trusted", key: "c:\\work" },
    },
    {
      what: "the same spelling before another one on Windows",
      keys: ["D:\\A"],
      platform: "win32",
      found: { state: "untrusted", key: "D:\\A" },
    },
    {
      what: "no entry with other separators on Windows",
      keys: ["C:/Work"],
      platform: "win32",
      found: { state: "absent", key: null },
    },
  ] as const)("finds $what", ({ keys, platform, found }) => {
    expect(findEntry(entries, keys, platform)).toEqual(found);
  });
});
