import { describe, expect, test } from "vitest";
import { folderProblem, parentProblem } from "./unsafe-place.ts";

const folder = 0o040000;
const ada = 1000;

describe("parentProblem, for the account 1000", () => {
  test.each([
    { what: "its own home", uid: ada, gid: ada, mode: 0o755, isFine: true },
    {
      what: "its own home with the umask of its private group",
      uid: ada,
      gid: ada,
      mode: 0o775,
      isFine: true,
    },
    { what: "a home of an image that root's group may write", uid: 0, gid: 0, mode: 0o775, isFine: true },
    { what: "a home that a shared group may write", uid: ada, gid: 100, mode: 0o775, isFine: false },
    { what: "a home that everyone may write", uid: ada, gid: ada, mode: 0o777, isFine: false },
    { what: "a sticky folder of root's", uid: 0, gid: 0, mode: 0o1777, isFine: true },
    { what: "a folder of another account", uid: 1001, gid: 1001, mode: 0o755, isFine: false },
  ])("accepts $what: $isFine", ({ uid, gid, mode, isFine }) => {
    const problem = parentProblem("/h", { uid, gid, mode: folder | mode, nlink: 2 }, ada);
    expect(problem === null).toBe(isFine);
  });
});

test("parentProblem does not accept root's group as private, since its members could act for root", () => {
  const facts = { uid: 0, gid: 0, mode: folder | 0o775, nlink: 2 };
  expect(parentProblem("/h", facts, 0)).toMatchObject({ code: "writable-by-others" });
});

test("folderProblem refuses a folder that its group may write, for any group", () => {
  const facts = { uid: ada, gid: ada, mode: folder | 0o775, nlink: 2 };
  expect(folderProblem("/h/.gatehouse", facts, ada)).toMatchObject({ code: "writable-by-others" });
});
