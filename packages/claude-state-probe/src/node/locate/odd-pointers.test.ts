import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { doubtOf, trustKey } from "../../workspace-paths.ts";
import { locateWorkspace } from "./locate-workspace.ts";

type Files = { readonly [path: string]: string | null };

/** Makes a folder with these files (null: a folder); `HOME` in a text is replaced by its path. */
const made = (files: Files): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "odd-pointers-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(text === null ? join(root, path) : dirname(join(root, path)), { recursive: true });
    if (text !== null) writeFileSync(join(root, path), text.replaceAll("HOME", root));
  }
  return root;
};

const doubtAt = async (folder: string, cliVersion?: string) => {
  const located = await locateWorkspace(folder, { home: "/home/ada" });
  if (!located.ok) throw new Error(located.error.detail);
  return doubtOf(located.value, trustKey(located.value, cliVersion), { cliVersion });
};

const codeAt = async (folder: string, cliVersion?: string) =>
  (await doubtAt(folder, cliVersion))?.code ?? null;

const repository = (at: string): Files => ({
  [`${at}/HEAD`]: "ref: x",
  [`${at}/objects`]: null,
  [`${at}/refs`]: null,
});

/** Files of a worktree entry with this name, beside the folder; its pointers lead to the parent of both. */
const leadingUp = (name: string): Files => ({
  "proj/.git": `gitdir: ../worktrees/${name}\n`,
  [`worktrees/${name}/commondir`]: "../..\n",
  [`worktrees/${name}/gitdir`]: "HOME/proj/.git\n",
});

describe("pointers that Claude Code 2.1.328 reads differently than git are refused for every key:", () => {
  test.each<{ what: string; files: Files }>([
    { what: "a line feed in the path", files: leadingUp("n\nm") },
    { what: "a carriage return in the path", files: leadingUp("n\rm") },
    { what: "U+2028 in the path", files: leadingUp("n\u2028m") },
    { what: "a backslash in the path", files: leadingUp("n\\m") },
    { what: "no path after gitdir:", files: { "proj/.git": "gitdir:\n", "proj/commondir": "..\n" } },
    {
      what: "a worktree entry with a backslash in its name",
      files: {
        ...repository("main/.git"),
        "proj/.git": "gitdir: HOME/main/.git/worktrees/t\\x\n",
        "main/.git/worktrees/t\\x/commondir": "../..\n",
        "main/.git/worktrees/t\\x/gitdir": "HOME/proj/.git\n",
      },
    },
    {
      what: "a bare repository with a .git in it",
      files: {
        ...repository("bare"),
        "bare/.git": null,
        "proj/.git": "gitdir: HOME/bare/worktrees/t\n",
        "bare/worktrees/t/commondir": "../..\n",
        "bare/worktrees/t/gitdir": "HOME/proj/.git\n",
      },
    },
  ])("$what", async ({ files }) => {
    expect(await codeAt(join(made({ proj: null, ...files }), "proj"))).toBe("odd-pointer");
  });

  test("near miss: a worktree as git writes it is accepted", async () => {
    const root = made({
      ...repository("main/.git"),
      "proj/.git": "gitdir: HOME/main/.git/worktrees/t\n",
      "main/.git/worktrees/t/commondir": "../..\n",
      "main/.git/worktrees/t/gitdir": "HOME/proj/.git\n",
    });
    expect(await codeAt(join(root, "proj"))).toBeNull();
  });
});

describe("a pointer file of more than 64 KiB", () => {
  const padded = (path: string, bytes: number): string => {
    const files = worktree({});
    const root = made({ proj: null, ...files });
    const text = (files[path] ?? "").replaceAll("HOME", root);
    writeFileSync(join(root, path), text.padEnd(bytes, "\n"));
    return join(root, "proj");
  };
  const paths = ["proj/.git", "main/.git/worktrees/t/commondir", "main/.git/worktrees/t/gitdir"];

  test.each(paths)("is refused: %s", async (path) =>
    expect(await codeAt(padded(path, 65_537))).toBe("pointer-unreadable"),
  );

  test.each(paths)("near miss: of 64 KiB it is read: %s", async (path) =>
    expect(await codeAt(padded(path, 65_536))).toBeNull(),
  );
});

/** A worktree of `main` whose three pointers contain these paths; `HOME` is the folder that contains both. */
const worktree = ({
  gitdir = "HOME/main/.git/worktrees/t",
  commondir = "../..",
  back = "HOME/proj/.git",
}: {
  readonly gitdir?: string;
  readonly commondir?: string;
  readonly back?: string;
}): Files => ({
  ...repository("main/.git"),
  "proj/.git": `gitdir: ${gitdir}\n`,
  "main/.git/worktrees/t/commondir": `${commondir}\n`,
  "main/.git/worktrees/t/gitdir": `${back}\n`,
});

describe("pointers from which Claude Code before 2.1.247 makes another key", () => {
  const spelledOtherwise: readonly { what: string; files: Files }[] = [
    { what: "`..` in gitdir", files: worktree({ gitdir: "HOME/main/../main/.git/worktrees/t" }) },
    { what: "a slash at the end of gitdir", files: worktree({ gitdir: "HOME/main/.git/worktrees/t/" }) },
    { what: "`..` in commondir", files: worktree({ commondir: "HOME/main/../main/.git" }) },
    { what: "a slash at the end of commondir", files: worktree({ commondir: "HOME/main/.git/" }) },
    { what: "`..` in the way back", files: worktree({ back: "HOME/main/../proj/.git" }) },
    { what: "a link in gitdir", files: worktree({ gitdir: "HOME/link/.git/worktrees/t" }) },
  ];
  const folderWith = (files: Files): string => {
    const root = made({ proj: null, ...files });
    symlinkSync("main", join(root, "link"));
    return join(root, "proj");
  };

  test.each(spelledOtherwise)("$what: older versions are refused", async ({ files }) => {
    const folder = folderWith(files);
    const refused = { code: "read-otherwise", place: join(folder, ".git"), before: "2.1.247" };
    for (const older of ["2.1.113", "2.1.197", "2.1.246"]) {
      expect(await doubtAt(folder, older), older).toEqual(refused);
    }
  });

  // Without a version the newest one's rule applies; a text without three numbers counts as the newest too.
  test.each(spelledOtherwise)(
    "$what: 2.1.247, newer and unknown versions are accepted",
    async ({ files }) => {
      const folder = folderWith(files);
      for (const version of ["2.1.247", "2.1.328 (Claude Code)", "3.0.0", "nightly", undefined]) {
        expect(await doubtAt(folder, version), version).toBeNull();
      }
    },
  );

  test("near miss: for pointers as git writes them, every version is accepted", async () => {
    const folder = folderWith(worktree({}));
    for (const version of ["2.1.113", "2.1.246", "2.1.247"]) {
      expect(await doubtAt(folder, version), version).toBeNull();
    }
  });
});

describe("a .git that is a link", () => {
  const linked = (link: (root: string) => void): string => {
    const root = made({ ...repository(".git"), ...repository("proj/d/g"), "proj/d/sub": null });
    link(root);
    return join(root, "proj");
  };

  test("is followed if its text leads to the same place as the link", async () => {
    expect(await codeAt(linked((root) => symlinkSync("d/g", join(root, "proj/.git"))))).toBeNull();
  });

  test("is refused if its text has `..` after another link, and so leads elsewhere than the link", async () => {
    const folder = linked((root) => {
      symlinkSync("d/sub", join(root, "proj/f"));
      execFileSync("mkfifo", [join(root, "proj/g")]);
      symlinkSync("f/../g", join(root, "proj/.git"));
    });
    expect(await codeAt(folder)).toBe("pointer-unreadable");
  });

  test("is refused if its text is not UTF-8, because Claude Code then looks further up", async () => {
    const folder = linked((root) => {
      const odd = Buffer.from("g\xff", "latin1");
      const place = Buffer.concat([Buffer.from(`${root}/proj/`), odd]);
      mkdirSync(place);
      for (const name of ["objects", "refs"]) mkdirSync(Buffer.concat([place, Buffer.from(`/${name}`)]));
      writeFileSync(Buffer.concat([place, Buffer.from("/HEAD")]), "ref: x");
      symlinkSync(odd, join(root, "proj/.git"));
    });
    expect(await codeAt(folder)).toBe("pointer-unreadable");
  });
});
