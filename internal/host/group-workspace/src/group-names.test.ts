import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupFolder } from "./group-folder.ts";
import { folderProblem, nameProblem } from "./group-names.ts";

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
