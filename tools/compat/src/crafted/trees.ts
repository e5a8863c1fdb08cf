import fc from "fast-check";
import { posix } from "node:path";
import type { Entry, Tree } from "./tree.ts";

const { join, relative } = posix;

/** The place of the checkout, and of its main checkout or bare repository. */
const checkouts = ["dl/tree", "dl/worktrees", "dl/main/tree", "dl/main/.claude/worktrees/t"];
const mains = ["dl/main", "dl/other", "dl", "dl/tree", "dl/.bare"];

/** Mostly the value that git writes, so that a tree is damaged in one or two places. */
const mostly = <T>(usual: T, ...rest: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 3, arbitrary: fc.constantFrom(usual, ...rest) },
  );

const frame = fc.record({
  before: mostly("", " ", "\n", "\ufeff", "\t"),
  after: mostly(
    "\n",
    "",
    "\r\n",
    "  \n",
    "\n\n\n",
    "\nmore\n",
    "\0\n",
    "\u2028\n",
    "\u2028more",
    "\rmore\n",
    "/\n",
    "/.\n",
    "\u00a0",
  ),
  pad: mostly(0, 0, 0, 0, 5_000, 40_000, 65_000, 70_000, 1_048_576),
  byte: mostly(false, true),
  kind: mostly("file", "link", "pipe", "folder", "none"),
});
type Frame = typeof frame extends fc.Arbitrary<infer T> ? T : never;

/** A text file, or another entry in its place. */
const pointer = (path: string, text: string, { before, after, pad, byte, kind }: Frame): readonly Entry[] => {
  if (kind === "none") return [];
  const file = (at: string): Entry => ({ path: at, kind: "file", text: before + text + after, pad, byte });
  if (kind === "link") return [file("elsewhere"), { path, kind, target: "{}/elsewhere" }];
  return kind === "file" ? [file(path)] : [{ path, kind: kind as "pipe" | "folder" }];
};

const shape = fc.record({
  HEAD: mostly("file", "link", "folder", "none"),
  objects: mostly("folder", "link", "file", "none"),
  refs: mostly("folder", "link", "none"),
  worktree: mostly("none", "own", "other", "quoted"),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

/** A git directory, possibly damaged; `root` is the working tree that its configuration may name. */
const gitDirectory = (folder: string, root: string, { worktree, ...names }: Shape): readonly Entry[] => {
  const entries = Object.entries(names).flatMap(([name, kind]): readonly Entry[] => {
    const path = join(folder, name);
    if (kind === "none") return [];
    if (kind === "link")
      return [{ path, kind, target: name === "HEAD" ? "refs/heads/main" : "{}/elsewhere.d" }];
    return kind === "folder"
      ? [{ path, kind }]
      : [{ path, kind: "file", text: "ref: refs/heads/main\n", pad: 0, byte: false }];
  });
  const named = {
    own: relative(folder, root),
    quoted: `"{}/${root}" # its own`,
    other: "{}/dl/elsewhere",
    none: "",
  }[worktree];
  const config = `[core]\n\tbare = false\n${worktree === "none" ? "" : `\tworktree = ${named}\n`}`;
  return [...entries, { path: join(folder, "config"), kind: "file", text: config, pad: 0, byte: false }];
};

const spelled = (from: string, to: string, spelling: string): string =>
  ({
    absolute: `{}/${to}`,
    relative: relative(from, to) || ".",
    detour: `{}/${posix.dirname(to)}/x/../${posix.basename(to)}`,
    slashes: `/{}/${to}`,
    link: `{}/l/${to}`,
    // Closes a circle if it is resolved from the current folder.
    cwd: ".git",
    elsewhere: "/proc/nowhere/at/all",
  })[spelling] ?? to;

const parts = fc.record({
  checkout: fc.constantFrom(...checkouts),
  main: mostly("dl/main", ...mains),
  isBare: mostly(false, true),
  sub: mostly("", "s", "s/t"),
  /** The kind of the checkout's `.git`. */
  is: mostly(
    "worktree",
    "nothing",
    "folder",
    "leads-to-folder",
    "submodule",
    "separate",
    "dot-bare",
    "linked-folder",
    "dangling",
    "pipe",
    "rubbish",
  ),
  word: mostly("gitdir: ", "gitdir:", "gitdir:\t", "GITDIR: ", "gitdir = "),
  spellings: fc.tuple(
    mostly("absolute", "relative", "detour", "slashes", "link", "elsewhere"),
    mostly("relative", "absolute", "detour", "link", "elsewhere"),
    mostly("absolute", "relative", "cwd", "detour", "link", "elsewhere"),
  ),
  common: mostly("right", "above", "far-above", "here"),
  back: mostly("right", "folder", "other"),
  frames: fc.tuple(frame, frame, frame),
  shapes: fc.tuple(shape, shape),
  /** The kind of another `.git` on the way up from the named folder. */
  above: mostly("nothing", "empty", "whole", "file", "pipe", "dangling"),
  at: fc.constantFrom("dl/.git", "dl/tree/s/.git", ".git"),
});
type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

const extra = ({ above, at, shapes }: Parts): readonly Entry[] => {
  const [shape] = shapes;
  const found: { readonly [kind: string]: readonly Entry[] } = {
    empty: [{ path: at, kind: "folder" }],
    whole: gitDirectory(at, posix.dirname(at), shape),
    file: [{ path: at, kind: "file", text: "", pad: 0, byte: false }],
    pipe: [{ path: at, kind: "pipe" }],
    dangling: [{ path: at, kind: "link", target: "nowhere" }],
  };
  return found[above] ?? [];
};

/**
 * The target of the checkout's `.git`, the owner of that git directory, and whether it is one of worktrees.
 */
const placeOf = ({ is, checkout, main, isBare }: Parts): { gitDir: string; common: string } => {
  const common = isBare ? main : join(main, ".git");
  if (is === "submodule") return { gitDir: "dl/.git/modules/tree", common: "dl/.git/modules/tree" };
  if (is === "separate") return { gitDir: "elsewhere.git", common: "elsewhere.git" };
  if (is === "dot-bare") return { gitDir: join(checkout, ".bare"), common: join(checkout, ".bare") };
  if (is === "leads-to-folder") return { gitDir: common, common };
  return { gitDir: join(common, "worktrees", "t"), common };
};

const dotGit = (parts: Parts, gitDir: string): readonly Entry[] => {
  const { is, checkout, word, spellings, frames, shapes } = parts;
  const path = join(checkout, ".git");
  if (is === "nothing") return [];
  if (is === "pipe") return [{ path, kind: "pipe" }];
  if (is === "dangling") return [{ path, kind: "link", target: "nowhere" }];
  if (is === "linked-folder") return [{ path, kind: "link", target: "{}/dl/main/.git" }];
  if (is === "folder") return gitDirectory(path, checkout, shapes[1]);
  if (is === "rubbish") return pointer(path, "rubbish", frames[0]);
  return pointer(path, word + spelled(checkout, gitDir, spellings[0]), frames[0]);
};

const admin = (parts: Parts, gitDir: string, common: string): readonly Entry[] => {
  const { spellings, frames, checkout } = parts;
  const aim = { right: common, above: posix.dirname(common), "far-above": ".", here: gitDir }[parts.common];
  const back = { right: join(checkout, ".git"), folder: checkout, other: "dl/else/.git" }[parts.back];
  return [
    { path: join(gitDir, "HEAD"), kind: "file", text: "ref: refs/heads/t\n", pad: 0, byte: false },
    ...pointer(join(gitDir, "commondir"), spelled(gitDir, aim ?? common, spellings[1]), frames[1]),
    ...pointer(join(gitDir, "gitdir"), spelled(gitDir, back ?? checkout, spellings[2]), frames[2]),
  ];
};

const treeOf = (parts: Parts): Tree => {
  const { gitDir, common } = placeOf(parts);
  const { checkout, sub, is, main, isBare, shapes } = parts;
  const owner = common === join(main, ".git") && !isBare ? main : checkout;
  return {
    named: join(checkout, sub),
    entries: [
      { path: "elsewhere.d", kind: "folder" },
      { path: "l", kind: "link", target: "{}" },
      { path: join(checkout, "x"), kind: "folder" },
      ...dotGit(parts, gitDir),
      ...(is === "worktree" ? admin(parts, gitDir, common) : []),
      ...gitDirectory(common, owner, shapes[0]),
      ...extra(parts),
    ],
  };
};

/** Checkouts as git creates them, damaged at any place. */
export const trees: fc.Arbitrary<Tree> = parts.map(treeOf);
