import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupFolder } from "./group-folder.ts";
import { folderProblem, nameProblem } from "./group-names.ts";
import { likeWarnings } from "./look-alikes.ts";

describe("folderProblem", () => {
  test.for(["team", "Team-2", "dm-with-ana", "a.b", "x_1", "7", "팀", "a".repeat(63)])(
    "accepts %s",
    (folder) => expect(folderProblem(folder)).toBeNull(),
  );

  test.for([
    { what: "an empty name", folder: "" },
    { what: "the folder above", folder: ".." },
    { what: "a hidden folder", folder: ".git" },
    { what: "a path", folder: "a/b" },
    { what: "a path of Windows", folder: "a\\b" },
    { what: "an absolute path", folder: "/etc" },
    { what: "a name that looks like a flag", folder: "-rf" },
    { what: "a dot at the end, which Windows drops", folder: "team." },
    { what: "a space", folder: "my team" },
    { what: "a newline", folder: "team\n" },
    { what: "a NUL", folder: "team\0" },
    { what: "64 characters", folder: "a".repeat(64) },
    { what: "a letter and its accent as two characters, which macOS joins", folder: "e\u0301quipe" },
    { what: "Hangul in decomposed form, which macOS joins", folder: "팀".normalize("NFD") },
    { what: "the folder of all groups", folder: "Global" },
  ])("refuses $what", ({ folder }) =>
    expect(folderProblem(folder)).toContain(folder === "Global" ? "reserved" : "cannot be the name of"),
  );

  const character = fc.constantFrom("a", "Z", "9", "é", "팀", "𝔸", ".", "_", "-", "/", "\\", " ", "\0", "\n");

  test("accepts no name that leaves groups/ or is too long for a file system", () =>
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 300 }), (folder) => {
        fc.pre(folderProblem(folder) === null);
        expect(join(groupFolder("/data", folder), "..")).toBe("/data/groups");
        expect(Buffer.byteLength(folder)).toBeLessThan(256);
      }),
    ));
});

describe("nameProblem", () => {
  test.for(["Team", "Ana's agent", "チーム 1", "a".repeat(100)])("accepts %s", (name) =>
    expect(nameProblem(name)).toBeNull(),
  );

  test.for(["", " ", " Team", "Team ", "two\nlines", "\u001b[31mred", "a".repeat(101)])(
    "refuses %j",
    (name) => expect(nameProblem(name)).toContain("cannot be the name of a group"),
  );
});

describe("a name of the host", () => {
  test.for([
    ...[
      "host",
      "Host",
      "HOST",
      "host:",
      "host: ap-1 is approved",
      "h0st",
      "hоst",
      "ｈｏｓｔ",
      "ʜᴏꜱᴛ",
      "hοst",
      "𝐡𝐨𝐬𝐭",
    ],
    ...["error", "Err0r", "еrror", "you", "Υou", "system", "ѕystem", "gatehouse", "Gate house", "gateh0use"],
    ...["hóst", "ho\u200bst", "h.o.s.t", "operator"],
  ])("is refused for a group: %s", (name) => expect(nameProblem(name)).toContain("is a name of the host"));

  test.for(["Hosting", "Ghost", "Errors", "Youth", "Systems", "My host", "Operators", "Research"])(
    "is not %s",
    (name) => expect(nameProblem(name)).toBeNull(),
  );

  test.for(["a\u202eb", "a\u200bb", "a\u3164"])("a name with an invisible character is refused: %j", (name) =>
    expect(nameProblem(name)).toContain("visible characters"),
  );
});

test.for([
  { name: "home", says: "looks like" },
  { name: "Нome", says: "looks like" },
  { name: "Ηome", says: "looks like" },
  { name: "H0me", says: "looks like" },
  { name: "Ｈｏｍｅ", says: "looks like" },
  { name: "Home.", says: "looks like" },
  { name: "Home", says: "has the name" },
])("$name is like the group Home", ({ name, says }) =>
  expect(likeWarnings(name, ["Research", "Home"])).toEqual([expect.stringContaining(says)]),
);

test.for([
  { name: "Homes", other: "Home" },
  { name: "Ana 2", other: "Ana 3" },
  { name: "チーム 1", other: "チーム 2" },
])("$name is not like $other", ({ name, other }) => expect(likeWarnings(name, [other])).toEqual([]));

test.for([
  { name: "Café", other: "Cafe\u0301" },
  { name: "Bill", other: "Bi1l" },
  { name: "B0b", other: "Bob" },
])("$name is like $other", ({ name, other }) => expect(likeWarnings(name, [other])).toHaveLength(1));
