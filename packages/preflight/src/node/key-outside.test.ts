import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { makeBed, setUpProfile, type Bed } from "@gatehouse/test-kit";
import { planFull } from "./plan-full.ts";

type Files = { readonly [path: string]: string };
type Crafted = {
  readonly what: string;
  readonly files: Files;
  /** Set-up that `files` cannot express. */
  readonly more?: (root: string) => void;
  /** The named folder, below the root. */
  readonly named: string;
  /** The key that Claude Code would record; null if unknown. */
  readonly key: string | null;
  readonly why: RegExp;
};

const repository = (folder: string): Files => ({
  [`${folder}/HEAD`]: "ref: refs/heads/main\n",
  [`${folder}/objects/`]: "",
  [`${folder}/refs/`]: "",
});
const lines = "\n".repeat(1_048_576);
const worktrees = (top: string, common = "../..\n"): Files => ({
  [`${top}/worktrees/.git`]: "gitdir: x\n",
  [`${top}/worktrees/x/commondir`]: common,
  [`${top}/worktrees/x/gitdir`]: "../.git\n",
});
const pipe = (path: string): void => void execFileSync("mkfifo", [path]);

const unread = /could not be read completely \(/;
const noRepository = /is not a git repository: it lacks HEAD, objects or refs\.$/;

const crafted: readonly Crafted[] = [
  {
    what: "a pointer and a mebibyte of line breaks",
    files: { ...worktrees("top"), "top/worktrees/.git": `gitdir: x${lines}` },
    named: "top/worktrees",
    key: null,
    why: unread,
  },
  {
    what: "a commondir of more than a mebibyte",
    files: worktrees("top", `../..${lines}`),
    named: "top/worktrees",
    key: null,
    why: unread,
  },
  {
    what: "a back pointer of more than a mebibyte",
    files: { ...worktrees("top"), "top/worktrees/x/gitdir": `../.git${lines}` },
    named: "top/worktrees",
    key: null,
    why: unread,
  },
  {
    what: "a .git of a gigabyte",
    files: { "odd/.git": "gitdir: x\n" },
    more: (root) => truncateSync(join(root, "odd/.git"), 1_000_000_000),
    named: "odd",
    key: null,
    why: unread,
  },
  {
    what: "a pipe for a .git",
    files: { "odd/": "" },
    more: (root) => pipe(join(root, "odd/.git")),
    named: "odd",
    key: null,
    why: unread,
  },
  {
    what: "a pipe for a .git below a repository",
    files: { ...repository("repo/.git"), "repo/sub/": "" },
    more: (root) => pipe(join(root, "repo/sub/.git")),
    named: "repo/sub",
    key: null,
    why: unread,
  },
  {
    what: "a pipe for a commondir",
    files: { "odd/.git": "gitdir: x\n", "odd/x/": "" },
    more: (root) => pipe(join(root, "odd/x/commondir")),
    named: "odd",
    key: null,
    why: unread,
  },
  {
    what: "a .git that leads nowhere",
    files: { "odd/": "" },
    more: (root) => symlinkSync("nowhere", join(root, "odd/.git")),
    named: "odd",
    key: null,
    why: unread,
  },
  {
    what: "a link for a commondir",
    files: { ...worktrees("top"), "top/c": "../..\n" },
    more: (root) => {
      execFileSync("rm", [join(root, "top/worktrees/x/commondir")]);
      symlinkSync("../../c", join(root, "top/worktrees/x/commondir"));
    },
    named: "top/worktrees",
    key: null,
    why: unread,
  },
  {
    what: "a commondir that names the folder above",
    files: worktrees("top"),
    named: "top/worktrees",
    key: "top",
    why: noRepository,
  },
  {
    what: "a commondir with other line ends that names the folder above",
    files: { ...worktrees("top", "../..\r\n"), "top/worktrees/.git": "gitdir: x\r\n" },
    named: "top/worktrees",
    key: "top",
    why: noRepository,
  },
  {
    what: "a folder below a repository whose commondir names the folder above",
    files: { ...worktrees("top"), "top/worktrees/a/b/": "" },
    named: "top/worktrees/a/b",
    key: "top",
    why: noRepository,
  },
  {
    what: "a pointer to a sibling",
    files: {
      "dl/tree/.git": "gitdir: ../other/worktrees/x\n",
      "dl/other/worktrees/x/commondir": "../..\n",
      "dl/other/worktrees/x/gitdir": "../../../tree/.git\n",
    },
    named: "dl/tree",
    key: "dl/other",
    why: noRepository,
  },
  {
    what: "a sibling with an empty .git",
    files: {
      "dl/tree/.git": "gitdir: ../other/.git/worktrees/x\n",
      "dl/other/.git/worktrees/x/commondir": "../..\n",
      "dl/other/.git/worktrees/x/gitdir": "../../../../tree/.git\n",
    },
    named: "dl/tree",
    key: "dl/other",
    why: noRepository,
  },
  {
    what: "an empty .git above",
    files: { "dl/.git/": "", "dl/proj/": "" },
    named: "dl/proj",
    key: "dl",
    why: /is empty and no git repository/,
  },
  {
    what: "an empty file .git above",
    files: { "dl/.git": "", "dl/proj/": "" },
    named: "dl/proj",
    key: "dl",
    why: /is empty and no git repository/,
  },
  {
    what: "half a repository above",
    files: { "dl/.git/HEAD": "ref: refs/heads/main\n", "dl/.git/objects/": "", "dl/proj/": "" },
    named: "dl/proj",
    key: "dl",
    why: noRepository,
  },
  {
    what: "another folder's repository, named by a .git above",
    files: { ...repository("work/.git"), "dl/.git": "gitdir: ../work/.git\n", "dl/proj/": "" },
    named: "dl/proj",
    key: "dl",
    why: /is the repository of another folder\.$/,
  },
  {
    what: "another folder's repository, linked above",
    files: { ...repository("work/.git"), "dl/proj/": "" },
    more: (root) => symlinkSync("../work/.git", join(root, "dl/.git")),
    named: "dl/proj",
    key: "dl",
    why: /is the repository of another folder\.$/,
  },
  {
    what: "another folder's submodule, named by a .git above",
    files: {
      ...repository("work/.git/modules/sub"),
      "work/sub/": "",
      "work/.git/modules/sub/config": "[core]\n\tworktree = ../../../sub\n",
      "dl/.git": "gitdir: ../work/.git/modules/sub\n",
      "dl/proj/": "",
    },
    named: "dl/proj",
    key: "dl",
    why: /is the repository of another folder\.$/,
  },
  {
    what: "a bare repository above its own worktree",
    files: { ...repository("top"), ...worktrees("top") },
    named: "top/worktrees",
    key: "top",
    why: /looks like a bare repository around its own worktree/,
  },
  {
    what: "a path that git never writes",
    files: {
      ...repository("repo/.git"),
      "repo/.git/worktrees/t/commondir": "../..\n",
      "repo/.git/worktrees/t/gitdir": "../../../../tree/.git\n",
      "tree/": "",
    },
    more: (root) => writeFileSync(join(root, "tree/.git"), `gitdir: /${root}/repo/.git/worktrees/t\n`),
    named: "tree",
    key: null,
    why: /is not written the way git writes it\.$/,
  },
];

const make = (bed: Bed, { files, more }: Pick<Crafted, "files" | "more">): void => {
  bed.folder(".", files);
  more?.(bed.root);
};

describe("a key that may not belong to the folder", () => {
  test.each(crafted)("is refused before anything is started: $what", async (row) => {
    const bed = makeBed();
    make(bed, row);
    const before = readFileSync(bed.stateFile, "utf8");
    const report = await runPreflight(bed.request([join(bed.root, row.named)]));
    expect(exitCodeOf(report)).toBe(1);
    const [result] = report.results;
    expect(result?.code).toBe("key-outside-folder");
    expect(result?.message.split("\n")).toHaveLength(1);
    expect(result?.message).toMatch(row.why);
    if (row.key !== null) expect(result?.message).toContain(` ${join(bed.root, row.key)}, `);
    expect(bed.log()).toEqual([]);
    expect(readFileSync(bed.stateFile, "utf8")).toBe(before);
  });

  test("is refused before anything is started if another user made the repository in a shared folder", async ({
    skip,
  }) => {
    skip(process.geteuid?.() !== 0, "only root can make it");
    const bed = makeBed();
    make(bed, { files: { ...repository("everybody/.git"), "everybody/proj/": "" } });
    chownSync(join(bed.root, "everybody/.git"), 12_345, 12_345);
    const { results } = await runPreflight(bed.request([join(bed.root, "everybody/proj")]));
    expect(results).toMatchObject([{ code: "key-outside-folder" }]);
    expect(results[0]?.message).toMatch(/belongs to another user/);
    expect(bed.log()).toEqual([]);
  });
});

describe("a folder that is trusted by a doubtful key", () => {
  test("is trusted, as in Claude Code, and the doubt is reported", async () => {
    const bed = makeBed();
    make(bed, { files: worktrees("top") });
    const top = join(bed.root, "top");
    writeFileSync(
      bed.stateFile,
      JSON.stringify({ ...setUpProfile, projects: { [top]: { hasTrustDialogAccepted: true } } }),
    );
    const { results } = await runPreflight(bed.request([join(top, "worktrees")]));
    expect(results).toMatchObject([{ code: "already-trusted", trustKey: top }]);
    expect(results[0]?.message).toContain("Nothing shows that it is the folder's own repository: ");
  });
});

/** Near misses: the folder is its own key, regardless of its pointers. */
describe("a folder that is its own key", () => {
  test.each<{ what: string; files: Files }>([
    { what: "a .git with rubbish", files: { "f/.git": "rubbish" } },
    { what: "an empty .git", files: { "f/.git/": "" } },
    { what: "a pointer to nothing", files: { "f/.git": "gitdir: /proc/nowhere\n" } },
    {
      what: "a claim on another's worktree",
      files: {
        ...repository("repo/.git"),
        "repo/.git/worktrees/t/commondir": "../..\n",
        "repo/.git/worktrees/t/gitdir": "/proc/nowhere/.git\n",
        "f/.git": "gitdir: ../repo/.git/worktrees/t\n",
      },
    },
    { what: "the shape of a bare repository", files: repository("f") },
    {
      what: "a pointer of less than 64 KiB",
      files: { "f/.git": `gitdir: x${lines.slice(0, 65_000)}` },
    },
  ])("is asked about in spite of $what", async ({ files }) => {
    const bed = makeBed();
    make(bed, { files });
    mkdirSync(join(bed.root, "f"), { recursive: true });
    const { folders } = await planFull(bed.request([join(bed.root, "f")]));
    expect(folders).toMatchObject([{ verdict: null, trustKey: join(bed.root, "f") }]);
  });
});
