import { describe, expect, test } from "vitest";
import { copilotKey, coveringFolder } from "./copilot-trust.ts";

/** A folder in no repository, in a checkout at /w/repo, or in its linked worktree at /w/tree. */
const plain = (real: string) => ({ real, gitRoot: null, mainRoot: null });
const inRepo = (real: string) => ({ real, gitRoot: "/w/repo", mainRoot: "/w/repo" });
const inTree = (real: string) => ({ real, gitRoot: "/w/tree", mainRoot: "/w/repo" });

describe("the key that Copilot 1.0.102 writes", () => {
  test.each([
    { what: "a plain folder", places: plain("/w/a"), key: "/w/a" },
    { what: "a repository's root", places: inRepo("/w/repo"), key: "/w/repo" },
    {
      what: "a folder below the repository's root",
      places: inRepo("/w/repo/sub/deep"),
      key: "/w/repo/sub/deep",
    },
    { what: "a worktree's root", places: inTree("/w/tree"), key: "/w/repo" },
    {
      what: "a folder below a worktree's root, a near miss",
      places: inTree("/w/tree/sub"),
      key: "/w/tree/sub",
    },
  ])("is $key for $what", ({ places, key }) => {
    expect(copilotKey(places)).toBe(key);
  });
});

describe("the trusted folder that covers a workspace in Copilot 1.0.102", () => {
  test.each([
    {
      what: "the folder's own entry",
      folders: ["/w/repo/sub"],
      places: inRepo("/w/repo/sub"),
      covers: "/w/repo/sub",
    },
    {
      what: "the entry of the repository's root",
      folders: ["/w/repo"],
      places: inRepo("/w/repo/sub"),
      covers: "/w/repo",
    },
    { what: "an entry above the repository", folders: ["/w"], places: inRepo("/w/repo/sub"), covers: "/w" },
    { what: "the main checkout's entry", folders: ["/w/repo"], places: inTree("/w/tree"), covers: "/w/repo" },
    {
      what: "the worktree's own entry",
      folders: ["/w/tree"],
      places: inTree("/w/tree/sub"),
      covers: "/w/tree",
    },
    {
      what: "near miss: the worktree's entry, for its main checkout",
      folders: ["/w/tree"],
      places: inRepo("/w/repo"),
      covers: null,
    },
    {
      what: "near miss: an entry whose path begins the same",
      folders: ["/w/rep"],
      places: inRepo("/w/repo"),
      covers: null,
    },
    { what: "the entry of the file system's root", folders: ["/"], places: plain("/w/a"), covers: "/" },
  ])("is $covers: $what", ({ folders, places, covers }) => {
    expect(coveringFolder(folders, places, "linux")).toBe(covers);
  });
});
