import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { prepareDataFolder } from "./data-folder.ts";
import { unsafeFolderAbove } from "./unsafe-folder.ts";

const me = process.geteuid?.() ?? -1;
const isRoot = me === 0;
/** Debian gives a new account a group of the same number, if that number is free. */
const hasPrivateGroup = !isRoot && process.getegid?.() === me;
const [stranger, owner] = [4711, 4712];

const makeRoot = (): string => {
  const root = realpathSync(mkdtempSync("/tmp/unsafe-folder-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

/** A folder with exactly this mode, for any umask. */
const makeFolder = (path: string, mode: number, uid = me): string => {
  mkdirSync(path, { mode });
  chmodSync(path, mode);
  if (uid !== me) chownSync(path, uid, uid);
  return path;
};

type Row = {
  readonly what: string;
  readonly needsRoot?: true;
  /** Makes it in a new folder, and returns the data folder's path. */
  readonly make: (root: string) => string;
  /** Null: it is accepted. */
  readonly refused: { readonly code: string; readonly at: string } | null;
};

const rows: readonly Row[] = [
  { what: "a missing folder in /tmp", make: (root) => join(root, "a", "b"), refused: null },
  { what: "a folder of 0755", make: (root) => makeFolder(join(root, "data"), 0o755), refused: null },
  {
    what: "a folder that others may only enter",
    make: (root) => makeFolder(join(root, "data"), 0o711),
    refused: null,
  },
  {
    what: "a folder that its group may write",
    make: (root) => makeFolder(join(root, "data"), 0o770),
    refused: { code: "writable-by-others", at: "data" },
  },
  {
    what: "a folder that everyone may write",
    make: (root) => makeFolder(join(root, "data"), 0o777),
    refused: { code: "writable-by-others", at: "data" },
  },
  {
    what: "a sticky folder",
    make: (root) => makeFolder(join(root, "data"), 0o1777),
    refused: { code: "writable-by-others", at: "data" },
  },
  {
    what: "a folder in a folder that everyone may write",
    make: (root) => join(makeFolder(join(root, "open"), 0o777), "data"),
    refused: { code: "writable-by-others", at: "open" },
  },
  {
    what: "a folder two levels below a folder that everyone may write",
    make: (root) =>
      makeFolder(join(makeFolder(join(makeFolder(join(root, "open"), 0o777), "own"), 0o700), "data"), 0o711),
    refused: { code: "writable-by-others", at: "open" },
  },
  {
    // An account's private group has no other member. Root's group may have other members.
    what: "a folder below a folder that the account's own group may write",
    make: (root) => makeFolder(join(makeFolder(join(root, "group"), 0o775), "data"), 0o711),
    refused: !hasPrivateGroup ? { code: "writable-by-others", at: "group" } : null,
  },
  {
    what: "a folder in a sticky folder",
    make: (root) => makeFolder(join(makeFolder(join(root, "sticky"), 0o1777), "data"), 0o711),
    refused: null,
  },
  {
    what: "a link to a safe folder",
    make: (root) => {
      symlinkSync(makeFolder(join(root, "data"), 0o711), join(root, "link"));
      return join(root, "link");
    },
    refused: null,
  },
  {
    what: "a link to a safe folder, in a folder that others may write",
    make: (root) => {
      makeFolder(join(root, "data"), 0o711);
      symlinkSync("../data", join(makeFolder(join(root, "open"), 0o777), "link"));
      return join(root, "open", "link");
    },
    refused: { code: "writable-by-others", at: "open" },
  },
  {
    what: "a link in a safe folder, to a folder that others may replace",
    make: (root) => {
      makeFolder(join(makeFolder(join(root, "open"), 0o777), "data"), 0o711);
      symlinkSync("open/data", join(root, "link"));
      return join(root, "link");
    },
    refused: { code: "writable-by-others", at: "open" },
  },
  {
    what: "a file",
    make: (root) => {
      writeFileSync(join(root, "data"), "");
      return join(root, "data");
    },
    refused: { code: "EEXIST", at: "data" },
  },
  {
    what: "a link that another account made in a sticky folder",
    needsRoot: true,
    make: (root) => {
      makeFolder(join(root, "data"), 0o711);
      const link = join(makeFolder(join(root, "sticky"), 0o1777), "link");
      symlinkSync("../data", link);
      lchownSync(link, stranger, stranger);
      return link;
    },
    refused: { code: "foreign-owner", at: "sticky/link" },
  },
  {
    what: "a folder of root in a folder of another account",
    needsRoot: true,
    make: (root) => makeFolder(join(makeFolder(join(root, "theirs"), 0o755, stranger), "data"), 0o711),
    refused: { code: "foreign-owner", at: "theirs" },
  },
  {
    what: "a folder of an account in a folder of a third account",
    needsRoot: true,
    make: (root) => makeFolder(join(makeFolder(join(root, "theirs"), 0o755, stranger), "data"), 0o711, owner),
    refused: { code: "foreign-owner", at: "theirs" },
  },
  {
    what: "a folder of another account, for root, which acts for that account",
    needsRoot: true,
    make: (root) => makeFolder(join(root, "data"), 0o711, owner),
    refused: null,
  },
];

describe("prepareDataFolder", () => {
  test.for(rows)("accepts or refuses $what", async ({ make, refused, needsRoot }, { skip }) => {
    skip(needsRoot === true && !isRoot, "only root makes folders of other accounts");
    const root = makeRoot();
    const path = make(root);
    const prepared = await prepareDataFolder(path);
    if (refused === null) return expect(prepared).toEqual({ ok: true, value: null });
    if (refused.code === "EEXIST") return expect(prepared).toMatchObject({ error: { code: "unusable" } });
    const place = { code: refused.code, path: join(root, refused.at) };
    expect(prepared).toMatchObject({ ok: false, error: { code: "unsafe", place } });
    expect(statSync(join(root, refused.at)).isDirectory()).toBe(true);
  });

  test.runIf(isRoot)(
    "makes root's new folder in another account's folder belong to that account (not root: skipped)",
    async () => {
      const home = makeFolder(join(makeRoot(), "home"), 0o755, owner);
      expect(await prepareDataFolder(join(home, "a", "data"))).toEqual({ ok: true, value: null });
      for (const path of ["a", "a/data"])
        expect(statSync(join(home, path))).toMatchObject({ uid: owner, gid: owner, mode: 0o40711 });
    },
  );

  test.runIf(isRoot)(
    "refuses a folder of another account to all accounts but root (not root: skipped)",
    async () => {
      const root = makeRoot();
      chmodSync(root, 0o755);
      const data = makeFolder(join(root, "data"), 0o755);
      process.seteuid?.(stranger);
      try {
        expect(await prepareDataFolder(data)).toMatchObject({
          error: { code: "unsafe", place: { code: "foreign-owner", path: data, uid: 0, owner: stranger } },
        });
      } finally {
        process.seteuid?.(0);
      }
    },
  );
});

test("unsafeFolder refuses a cycle of links", async () => {
  const root = makeRoot();
  symlinkSync("two", join(root, "one"));
  symlinkSync("one", join(root, "two"));
  expect(await unsafeFolderAbove(join(root, "one", "x"), me)).toMatchObject({ code: "link" });
});
