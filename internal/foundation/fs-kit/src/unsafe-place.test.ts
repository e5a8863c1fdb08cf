import { describe, expect, test } from "vitest";
import { fileProblem, folderProblem, parentProblem, type UnsafePlace } from "./unsafe-place.ts";

const [folder, file, link, pipe] = [0o040000, 0o100000, 0o120000, 0o010000];
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

describe("fileProblem, for the account 1000", () => {
  const path = "/h/.gatehouse/host.pid";
  test.for<{ what: string; is: UnsafePlace | null; mode?: number; uid?: number; nlink?: number }>([
    { what: "its own file", is: null },
    { what: "its own file that everyone may write: the caller opens it anew", mode: file | 0o666, is: null },
    { what: "a file that was removed since it was opened", nlink: 0, is: null },
    { what: "a file with a second name", nlink: 2, is: { code: "more-names", path } },
    { what: "a file with many names", nlink: 40, is: { code: "more-names", path } },
    {
      what: "a file of another account",
      uid: 1001,
      is: { code: "foreign-owner", path, uid: 1001, owner: ada },
    },
    { what: "a file of root's", uid: 0, is: { code: "foreign-owner", path, uid: 0, owner: ada } },
    {
      what: "a second name of another account's file",
      uid: 0,
      nlink: 2,
      is: { code: "foreign-owner", path, uid: 0, owner: ada },
    },
    { what: "a link of its own", mode: link | 0o777, is: { code: "link", path } },
    { what: "a link with a second name", mode: link | 0o777, nlink: 2, is: { code: "link", path } },
    { what: "a named pipe", mode: pipe | 0o600, is: { code: "not-a-file", path } },
    {
      what: "a folder, which has a second name by nature",
      mode: folder | 0o700,
      nlink: 2,
      is: { code: "not-a-file", path },
    },
  ])("$what", ({ is, mode = file | 0o600, uid = ada, nlink = 1 }) => {
    expect(fileProblem(path, { uid, gid: ada, mode, nlink }, ada)).toEqual(is);
  });
});
