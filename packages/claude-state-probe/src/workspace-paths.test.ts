import { expect, test } from "vitest";
import type { Platform } from "./keys.ts";
import { trustKey, type WorkspacePaths } from "./workspace-paths.ts";

const paths = (real: string, gitRoot: string | null, mainRoot: string | null): WorkspacePaths => ({
  given: real,
  real,
  gitRoot,
  mainRoot,
  pointed: [],
  home: "/home/u",
});

test.each<{ what: string; paths: WorkspacePaths; cliVersion?: string; platform?: Platform; key: string }>([
  { what: "a plain folder", paths: paths("/w/p", null, null), key: "/w/p" },
  { what: "a repository's sub-folder", paths: paths("/w/r/s", "/w/r", "/w/r"), key: "/w/r" },
  { what: "a worktree", paths: paths("/t/a", "/t/a", "/w/r"), key: "/w/r" },
  { what: "a worktree", paths: paths("/t/a", "/t/a", "/w/r"), cliVersion: "2.1.63", key: "/w/r" },
  { what: "a worktree", paths: paths("/t/a/s", "/t/a", "/w/r"), cliVersion: "2.1.62", key: "/t/a" },
  { what: "home", paths: paths("/home/u", null, null), key: "/home/u" },
  { what: "a Windows folder", paths: paths("C:\\W\\p", null, null), platform: "win32", key: "C:/W/p" },
])("$what with Claude Code $cliVersion: $key", ({ paths, cliVersion, platform, key }) => {
  expect(trustKey(paths, cliVersion, platform)).toBe(key);
});
