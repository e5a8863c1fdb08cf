import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { doubtOf } from "../../workspace-paths.ts";
import { locateWorkspace } from "./locate-workspace.ts";

/** A temporary folder in which the real git makes checkouts. */
type VouchCase = {
  readonly at: (path: string) => string;
  readonly folder: (path: string) => string;
  readonly git: (folder: string, ...args: readonly string[]) => string;
  /** Makes a repository with one commit. */
  readonly repository: (path: string, ...args: readonly string[]) => string;
};

const makePlace = (): VouchCase => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "vouch-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (path: string): string => join(root, path);
  const folder = (path: string): string => {
    mkdirSync(at(path), { recursive: true });
    return at(path);
  };
  const identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always"];
  const git = (path: string, ...args: readonly string[]): string =>
    execFileSync("git", ["-C", folder(path), ...identity, ...args], {
      encoding: "utf8",
      stdio: "pipe",
      env: { PATH: process.env["PATH"], HOME: root },
    });
  const repository = (path: string, ...args: readonly string[]): string => {
    git(path, "init", "-q", ...args);
    git(path, "commit", "-q", "--allow-empty", "-m", "first");
    return at(path);
  };
  return { at, folder, git, repository };
};

const addTree = ({ git, at }: VouchCase, repository: string, tree: string): void =>
  void git(repository, "worktree", "add", "-q", "--detach", at(tree));

/** Git 2.48 writes such pointers with `--relative-paths`. */
const makeRelative = ({ at }: VouchCase, repository: string, tree: string): void => {
  writeFileSync(at(`${tree}/.git`), `gitdir: ../${repository}/.git/worktrees/${tree}\n`);
  writeFileSync(at(`${repository}/.git/worktrees/${tree}/gitdir`), `../../../../${tree}/.git\n`);
};

type Layout = {
  readonly what: string;
  readonly make: (place: VouchCase) => void;
  readonly named: string;
  readonly key: string;
};

const layouts: readonly Layout[] = [
  { what: "a repository", make: ({ repository }) => void repository("r"), named: "r", key: "r" },
  {
    what: "a repository without a commit",
    make: ({ git }) => void git("r", "init", "-q"),
    named: "r/a",
    key: "r",
  },
  {
    what: "a folder of a repository",
    make: ({ repository }) => void repository("r"),
    named: "r/a/b",
    key: "r",
  },
  {
    what: "a folder of a shallow clone",
    make: ({ repository, git, at }) => {
      repository("from");
      git(".", "clone", "-q", "--depth", "1", `file://${at("from")}`, "r");
    },
    named: "r/a",
    key: "r",
  },
  {
    what: "a folder of a repository whose references are packed",
    make: ({ repository, git }) => {
      repository("r");
      git("r", "gc", "-q");
    },
    named: "r/a",
    key: "r",
  },
  {
    what: "a worktree beside its main checkout",
    make: (place) => {
      place.repository("r");
      addTree(place, "r", "t");
    },
    named: "t",
    key: "r",
  },
  {
    what: "a folder of a worktree",
    make: (place) => {
      place.repository("r");
      addTree(place, "r", "t");
    },
    named: "t/a",
    key: "r",
  },
  {
    what: "a worktree inside its main checkout",
    make: (place) => {
      place.repository("r");
      addTree(place, "r", "r/.claude/worktrees/t");
    },
    named: "r/.claude/worktrees/t/a",
    key: "r",
  },
  {
    what: "a locked worktree with a configuration of its own",
    make: (place) => {
      place.repository("r");
      addTree(place, "r", "t");
      place.git("r", "config", "extensions.worktreeConfig", "true");
      place.git("t", "config", "--worktree", "core.sparseCheckout", "true");
      place.git("r", "worktree", "lock", place.at("t"));
    },
    named: "t",
    key: "r",
  },
  {
    what: "a worktree with relative pointers",
    make: (place) => {
      place.repository("r");
      addTree(place, "r", "t");
      makeRelative(place, "r", "t");
    },
    named: "t",
    key: "r",
  },
  {
    what: "a worktree that git moved",
    make: (place) => {
      place.repository("r");
      addTree(place, "r", "t");
      place.git("r", "worktree", "move", place.at("t"), place.at("u"));
    },
    named: "u",
    key: "r",
  },
  {
    what: "a worktree whose main checkout was moved and replaced by a link",
    make: (place) => {
      place.repository("r");
      addTree(place, "r", "t");
      renameSync(place.at("r"), place.at("moved"));
      symlinkSync(place.at("moved"), place.at("r"));
    },
    named: "t",
    key: "r",
  },
  {
    what: "a worktree of a bare repository",
    make: (place) => {
      place.repository("r");
      place.git(".", "clone", "-q", "--bare", "r", "r.git");
      addTree(place, "r.git", "t");
    },
    named: "t",
    key: "r.git",
  },
  {
    what: "a worktree of the bare repository .bare beside it",
    make: (place) => {
      place.repository("r");
      place.git(".", "clone", "-q", "--bare", "r", place.at("p/.bare"));
      writeFileSync(place.at("p/.git"), "gitdir: ./.bare\n");
      addTree(place, "p", "p/main");
    },
    named: "p/main/a",
    key: "p/.bare",
  },
  {
    what: "a folder beside the bare repository .bare",
    make: (place) => {
      place.repository("r");
      place.git(".", "clone", "-q", "--bare", "r", place.at("p/.bare"));
      writeFileSync(place.at("p/.git"), "gitdir: ./.bare\n");
    },
    named: "p/notes",
    key: "p",
  },
  {
    what: "a worktree of a bare repository .git beside it",
    make: (place) => {
      place.repository("r");
      place.git(".", "clone", "-q", "--bare", "r", place.at("p/.git"));
      addTree(place, "p", "p/main");
    },
    named: "p/main",
    key: "p",
  },
  {
    what: "a folder of a submodule",
    make: ({ repository, git, at }) => {
      repository("library");
      repository("r");
      git("r", "submodule", "add", "-q", at("library"), "sub");
    },
    named: "r/sub/a",
    key: "r/sub",
  },
  {
    what: "a folder of a submodule of a submodule",
    make: ({ repository, git, at }) => {
      repository("inner");
      repository("library");
      git("library", "submodule", "add", "-q", at("inner"), "in");
      git("library", "commit", "-q", "-m", "second");
      repository("r");
      git("r", "submodule", "add", "-q", at("library"), "sub");
      git("r", "submodule", "update", "-q", "--init", "--recursive");
    },
    named: "r/sub/in/a",
    key: "r/sub/in",
  },
  {
    what: "a folder of a sparse submodule, whose working tree is set in config.worktree",
    make: ({ repository, git, at }) => {
      repository("library");
      repository("r");
      git("r", "submodule", "add", "-q", at("library"), "sub");
      git("r/sub", "sparse-checkout", "set", "a");
    },
    named: "r/sub/a",
    key: "r/sub",
  },
  {
    what: "a folder of a submodule in a worktree",
    make: (place) => {
      place.repository("library");
      place.repository("r");
      place.git("r", "submodule", "add", "-q", place.at("library"), "sub");
      place.git("r", "commit", "-q", "-m", "second");
      addTree(place, "r", "t");
      place.git("t", "submodule", "update", "-q", "--init");
    },
    named: "t/sub/a",
    key: "t/sub",
  },
  {
    what: "a worktree of a submodule",
    make: (place) => {
      place.repository("library");
      place.repository("r");
      place.git("r", "submodule", "add", "-q", place.at("library"), "sub");
      addTree(place, "r/sub", "t");
    },
    named: "t",
    key: "r/.git/modules/sub",
  },
  {
    what: "a folder of a submodule that keeps its .git, as old ones do",
    make: ({ repository }) => {
      repository("r");
      repository("r/sub");
    },
    named: "r/sub/a",
    key: "r/sub",
  },
  {
    what: "a folder of a repository with a separate git directory",
    make: ({ repository, folder }) =>
      void repository("r", "--separate-git-dir", `${folder("elsewhere")}/r.git`),
    named: "r/a",
    key: "r",
  },
  {
    what: "a folder of a second working tree of one git directory, as git-new-workdir makes it",
    make: ({ repository, folder, at }) => {
      repository("r");
      folder("w/.git");
      for (const name of ["config", "refs", "objects", "info"])
        symlinkSync(at(`r/.git/${name}`), at(`w/.git/${name}`));
      writeFileSync(at("w/.git/HEAD"), "ref: refs/heads/master\n");
    },
    named: "w/a",
    key: "w",
  },
];

const located = async (place: VouchCase, named: string) => {
  const found = await locateWorkspace(place.folder(named), { home: "/proc/nowhere" });
  if (!found.ok) throw new Error(found.error.detail);
  return found.value;
};

describe("there is no doubt about the key of", () => {
  test.each(layouts)("$what", async ({ make, named, key }) => {
    const place = makePlace();
    make(place);
    place.folder(named);
    expect(await located(place, named)).toMatchObject({ mainRoot: place.at(key), doubt: null });
  });
});

/** Each test breaks a valid layout in one place. */
describe("the key is in doubt if", () => {
  const tree = (): VouchCase => {
    const place = makePlace();
    place.repository("r");
    addTree(place, "r", "t");
    return place;
  };

  test.each(["HEAD", "objects", "refs"])("the main checkout of a worktree has no %s", async (name) => {
    const place = tree();
    rmSync(place.at(`r/.git/${name}`), { recursive: true });
    expect(await located(place, "t")).toMatchObject({
      mainRoot: place.at("r"),
      doubt: { code: "no-repository", place: place.at("r/.git") },
    });
  });

  test.each([
    { kind: "folder", make: (place: VouchCase) => void place.folder("above/.git") },
    { kind: "file", make: (place: VouchCase) => writeFileSync(place.at("above/.git"), "") },
  ])("an empty .git, a $kind, is above the folder", async ({ kind, make }) => {
    const place = makePlace();
    place.folder("above/w");
    make(place);
    const doubt = { code: "empty-git", place: place.at("above/.git"), kind };
    expect(await located(place, "above/w")).toMatchObject({ doubt });
    // The folder itself is its own key.
    expect(doubtOf(await located(place, "above"), place.at("above"))).toBeNull();
  });

  test("a main checkout has its working tree elsewhere", async () => {
    const place = tree();
    place.git("r", "config", "core.worktree", place.folder("other"));
    expect(await located(place, "t")).toMatchObject({
      doubt: { code: "other-working-tree", place: place.at("r/.git") },
    });
  });

  test("a submodule's git directory names another folder", async () => {
    const place = makePlace();
    place.repository("library");
    place.repository("r");
    place.git("r", "submodule", "add", "-q", place.at("library"), "sub");
    renameSync(place.at("r/sub"), place.at("r/sub2"));
    expect(await located(place, "r/sub2/a")).toMatchObject({
      mainRoot: place.at("r/sub2"),
      doubt: { code: "other-working-tree" },
    });
  });

  test("a bare repository contains its worktree", async () => {
    const place = makePlace();
    place.repository("r");
    place.git(".", "clone", "-q", "--bare", "r", "r.git");
    addTree(place, "r.git", "r.git/t");
    expect(await located(place, "r.git/t")).toMatchObject({
      mainRoot: place.at("r.git"),
      doubt: { code: "bare-repository-above", place: place.at("r.git") },
    });
  });

  test("the folder is in a worktree that was moved by hand; the worktree itself is its own key", async () => {
    const place = tree();
    renameSync(place.at("t"), place.at("u"));
    expect(await located(place, "u")).toMatchObject({ mainRoot: place.at("u"), doubt: null });
    expect(await located(place, "u/a")).toMatchObject({
      mainRoot: place.at("u"),
      doubt: { code: "no-repository" },
    });
  });
});

/** Seen in the dialogs of 2.1.83, 2.1.84, 2.1.113, 2.1.197 and 2.1.198. */
describe("the first version that reads a worktree as the newest does", () => {
  test.each<{ back: string; since: string | null; matches: boolean }>([
    { back: "%/t/.git", since: null, matches: true },
    { back: "../../../../t/.git", since: "2.1.198", matches: true },
    { back: ".git", since: "2.1.198", matches: false },
    { back: "/proc/nowhere/.git", since: "2.1.84", matches: false },
    { back: "", since: "2.1.84", matches: false },
  ])("is $since for the pointer back $back", async ({ back, since, matches }) => {
    const place = makePlace();
    place.repository("r");
    addTree(place, "r", "t");
    writeFileSync(place.at("r/.git/worktrees/t/gitdir"), `${back.replace("%", place.at("."))}\n`);
    const paths = await located(place, "t");
    const key = place.at(matches ? "r" : "t");
    expect(paths).toMatchObject({ mainRoot: key, readSoSince: since });
    expect(doubtOf(paths, key)).toBeNull();
    expect(doubtOf(paths, key, { cliVersion: "2.1.198" })).toBeNull();
    const older = doubtOf(paths, key, { cliVersion: "2.1.81" });
    expect(older).toEqual(
      since === null ? null : { code: "read-otherwise", place: place.at("t/.git"), before: since },
    );
  });
});
