import { describe, expect, test } from "vitest";
import {
  allowListText,
  parseAllowList,
  refusalOf,
  withDenied,
  withFolder,
  withMounts,
  type AllowedFolder,
  type AllowList,
} from "./allow-list.ts";

const list: readonly AllowedFolder[] = [
  { path: "/srv/notes", access: "read" },
  { path: "/srv/work", access: "write" },
  { path: "/srv/work/docs", access: "read" },
  { path: "/srv/work/keys", access: "none" },
  { path: "/srv/work/keys/public", access: "read" },
];

const whole: AllowList = { folders: list, hasGroups: true };

describe("the list of allowed folders", () => {
  test.for<[string, boolean, RegExp | null]>([
    ["/srv/notes", true, null],
    ["/srv/notes/2026", true, null],
    [
      "/srv/notes",
      false,
      /may be mounted read-only; to allow more: gatehouse mounts allow \/srv\/notes --rw/,
    ],
    [
      "/srv/notes-old",
      true,
      /is not in a folder that may be mounted .* gatehouse mounts allow \/srv\/notes-old/,
    ],
    ["/srv", true, /is not in a folder/],
    ["/srv/work/a", false, null],
    ["/srv/work/docs/a", true, null],
    ["/srv/work/docs/a", false, /may be mounted read-only/],
    ["/srv/work/keys", true, /is not in a folder/],
    ["/srv/work/keys/private", true, /is not in a folder/],
    ["/srv/work/keys/public", true, null],
    ["/srv/work", true, /^contains \/srv\/work\/keys, which may not be mounted/],
    ["/srv/work", false, /^contains \/srv\/work\/docs, which may be mounted read-only/],
  ])("decides about a mount of %s, read-only: %s", ([hostPath, readonly, says]) => {
    const refusal = refusalOf(list, { hostPath, readonly });
    if (says === null) expect(refusal).toBeNull();
    else expect(refusal).toMatch(says);
  });

  test("treats a mount as read-only by default", () =>
    expect(refusalOf(list, { hostPath: "/srv/notes" })).toBeNull());

  test("allows nothing if it is empty, and everything with /", () => {
    expect(refusalOf([], { hostPath: "/srv" })).toMatch(/is not in a folder/);
    expect(refusalOf([{ path: "/", access: "write" }], { hostPath: "/srv", readonly: false })).toBeNull();
  });

  test("has one entry for a folder, the last one", () =>
    expect(
      withFolder(list, { path: "/srv/notes", access: "write" }).filter(({ path }) => path === "/srv/notes"),
    ).toEqual([{ path: "/srv/notes", access: "write" }]));

  test.for<[string, readonly AllowedFolder[]]>([
    ["/srv/notes", list.slice(1)],
    ["/srv/notes/private", [...list, { path: "/srv/notes/private", access: "none" }]],
    ["/opt", list],
    ["/srv/work/keys", list.with(3, { path: "/srv/work/keys", access: "none" })],
  ])("denies %s by an entry only inside an allowed folder", ([path, expected]) =>
    expect(withDenied(list, path).toSorted(byPath)).toEqual(expected.toSorted(byPath)),
  );

  test("allows each of the groups' mounts that it takes over", () => {
    const mounts = [
      { hostPath: "/srv/docs", readonly: true },
      { hostPath: "/srv", readonly: false },
      { hostPath: "/opt/a" },
      { hostPath: "/opt/a", readonly: false },
      { hostPath: "/mnt" },
    ];
    const all = withMounts([], mounts);
    expect(all.toSorted(byPath)).toEqual([
      { path: "/mnt", access: "read" },
      { path: "/opt/a", access: "write" },
      { path: "/srv", access: "write" },
    ]);
    for (const mount of mounts) expect(refusalOf(all, mount)).toBeNull();
  });

  test("keeps an operator's entries when it takes over mounts", () => {
    const own: readonly AllowedFolder[] = [
      { path: "/srv", access: "none" },
      { path: "/opt", access: "read" },
    ];
    const mounts = [{ hostPath: "/srv/a" }, { hostPath: "/opt/b", readonly: false }, { hostPath: "/mnt" }];
    expect(withMounts(own, mounts)).toEqual([...own, { path: "/mnt", access: "read" }]);
  });

  test("is parsed from its own text", () =>
    expect(parseAllowList(allowListText(whole))).toEqual({ ok: true, value: whole }));

  test.for([
    { text: "x", says: /^the list: / },
    { text: '{"v":2,"hasGroups":true,"folders":[]}', says: /^v: / },
    { text: '{"v":1,"folders":[]}', says: /^hasGroups: / },
    {
      text: '{"v":1,"hasGroups":true,"folders":[{"path":"srv","access":"read"}]}',
      says: /^folders\.0\.path: is not absolute/,
    },
    { text: '{"v":1,"hasGroups":true,"folders":[{"path":"/srv/","access":"read"}]}', says: /ends with \// },
    {
      text: '{"v":1,"hasGroups":true,"folders":[{"path":"/srv","access":"all"}]}',
      says: /^folders\.0\.access: /,
    },
  ])("refuses $text", ({ text, says }) => {
    const parsed = parseAllowList(text);
    expect(parsed.ok ? "" : parsed.error.join("\n")).toMatch(says);
  });
});

const byPath = (one: AllowedFolder, other: AllowedFolder): number => (one.path < other.path ? -1 : 1);
