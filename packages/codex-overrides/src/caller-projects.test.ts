import { describe, expect, test } from "vitest";
import { callerProjects } from "./caller-projects.ts";

const read = (...overrides: string[]) => {
  const found = callerProjects(overrides);
  return found.ok ? Object.fromEntries(found.value.projects) : found.error.code;
};
const untrusted = (...overrides: string[]) => {
  const found = callerProjects(overrides);
  return found.ok ? found.value.untrusted : found.error.code;
};
const trusted = { trust_level: "trusted" };

describe("callerProjects reads as Codex does", () => {
  test.each([
    { what: "no overrides", overrides: [], projects: {} },
    { what: "other keys", overrides: ["model=o3", 'projects_x={"/a"={}}'], projects: {} },
    {
      what: "a table",
      overrides: ['projects={"/a.b c"={trust_level="trusted"}}'],
      projects: { "/a.b c": trusted },
    },
    {
      what: "spaces around key and value",
      overrides: [' projects = {"/a"={trust_level="trusted"}} '],
      projects: { "/a": trusted },
    },
    {
      what: "a bare dotted key",
      overrides: ["projects./a.trust_level=trusted"],
      projects: { "/a": trusted },
    },
    {
      what: "a dotted key with a dot in the path, split there",
      overrides: ['projects./a.b.trust_level="trusted"'],
      projects: { "/a": { b: trusted } },
    },
    {
      what: "a quoted key with its quotes",
      overrides: ['projects."/a".trust_level="trusted"'],
      projects: { '"/a"': trusted },
    },
    {
      what: "only the last table",
      overrides: ['projects={"/a"={trust_level="trusted"}}', 'projects={"/b"={trust_level="trusted"}}'],
      projects: { "/b": trusted },
    },
    {
      what: "a dotted key after a table as an addition",
      overrides: ['projects={"/a"={trust_level="trusted"}}', 'projects./b.trust_level="trusted"'],
      projects: { "/a": trusted, "/b": trusted },
    },
    {
      what: "a table after a dotted key as a replacement",
      overrides: ['projects./b.trust_level="untrusted"', 'projects={"/a"={trust_level="trusted"}}'],
      projects: { "/a": trusted },
    },
    {
      what: "two dotted keys of one folder as one entry",
      overrides: ["projects./a.x=1", "projects./a.trust_level=trusted"],
      projects: { "/a": { x: 1n, ...trusted } },
    },
    {
      what: "a folder's table",
      overrides: ['projects./a={trust_level="trusted"}'],
      projects: { "/a": trusted },
    },
    {
      what: "a table after a value that is not a table",
      overrides: ["projects=x", 'projects={"/a"={trust_level="trusted"}}'],
      projects: { "/a": trusted },
    },
  ])("$what", ({ overrides, projects }) => expect(read(...overrides)).toEqual(projects));

  test.each([
    { what: "a text", overrides: ["projects=none"] },
    { what: "a list", overrides: ['projects=["/a"]'] },
    { what: "a table that is not closed", overrides: ['projects={"/a"={trust_level="trusted"}'] },
    { what: "a folder that is not a table", overrides: ['projects={"/a"="trusted"}'] },
    { what: "a dotted folder that is not a table", overrides: ["projects./a=trusted"] },
    { what: "a key of sixty thousand parts", overrides: [`projects${".a".repeat(60_000)}=1`] },
    { what: "a table of ten thousand levels", overrides: [`projects={a${".a".repeat(10_000)}=1}`] },
  ])("$what cannot be merged", ({ overrides }) => {
    expect(read(...overrides)).toBe("caller-projects-unreadable");
  });
});

describe("callerProjects finds untrusted folders", () => {
  test.each([
    { what: "in a table", override: 'projects={"/a"={trust_level="untrusted"}}', folders: ["/a"] },
    { what: "in a bare dotted key", override: "projects./a.trust_level=untrusted", folders: ["/a"] },
    {
      what: "in a quoted dotted key, which Codex does not understand",
      override: 'projects."/a.b".trust_level="untrusted"',
      folders: ["/a.b"],
    },
    {
      what: "but not one with the level trusted",
      override: 'projects."/a".trust_level="trusted"',
      folders: [],
    },
    { what: "but not in another key", override: 'apps."/a".trust_level="untrusted"', folders: [] },
  ])("$what", ({ override, folders }) => {
    expect(untrusted(override)).toEqual(expect.arrayContaining(folders));
    if (folders.length === 0) expect(untrusted(override)).toEqual([]);
  });
});

test("the key __proto__ in the arguments is an ordinary key", () => {
  read('projects.__proto__.trust_level="untrusted"', 'projects={"__proto__"={polluted=true}}');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(({} as { trust_level?: string }).trust_level).toBeUndefined();
});
