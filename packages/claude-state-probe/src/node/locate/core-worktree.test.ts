import { expect, test } from "vitest";
import { coreWorktree } from "./vouch-repository.ts";

test.each<{ what: string; config: string; found: string | null }>([
  {
    what: "a submodule's configuration as git writes it",
    config: "[core]\n\tbare = false\n\tworktree = ../../../sub\n",
    found: "../../../sub",
  },
  { what: "a section without the line", config: "[core]\n\tbare = false\n", found: null },
  { what: "an empty file", config: "", found: null },
  { what: "another section", config: '[core]\n[submodule "core"]\n\tworktree = /x\n', found: null },
  { what: "a subsection of core", config: '[core "x"]\n\tworktree = /x\n', found: null },
  {
    what: "two entries, the last counts",
    config: "[core]\nworktree = /a\n[CORE]\nWorkTree=/b\n",
    found: "/b",
  },
  { what: "header and entry on one line", config: "[core] worktree = /a\n", found: "/a" },
  { what: "a comment", config: "[core]\n;worktree = /b\nworktree = /a  # its own\n", found: "/a" },
  { what: "quotes", config: '[core]\nworktree = "/a;b #c " ; d\n', found: "/a;b #c " },
  { what: "escapes", config: '[core]\nworktree = /a\\\\b\\"c\n', found: '/a\\b"c' },
  { what: "a continued line", config: "[core]\nworktree = /a\\\nb\n", found: "/ab" },
  { what: "Windows line ends", config: "[core]\r\n\tworktree = /a\r\n", found: "/a" },
])("core.worktree of $what is $found", ({ config, found }) => {
  expect(coreWorktree(config)).toBe(found);
});
