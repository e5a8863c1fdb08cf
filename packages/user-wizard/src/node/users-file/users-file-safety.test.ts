import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { explain } from "../../user-messages.ts";
import { loadUsersFile } from "./load-users-file.ts";

const isRoot = process.geteuid?.() === 0;
const service = isRoot ? 64_001 : (process.geteuid?.() ?? 0);
const other = 64_002;

let folder: string;
const at = (path: string): string => join(folder, path);

/** Makes a users.yaml that belongs to the service, in two folders that do too. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "users-file-safety-"));
  mkdirSync(at("srv/data"), { recursive: true });
  writeFileSync(at("srv/data/users.yaml"), "users:\n  - telegram_id: 7\n    name: Ada\n", { mode: 0o600 });
  for (const path of ["srv", "srv/data"]) chmodSync(at(path), 0o755);
  if (isRoot)
    for (const path of ["", "srv", "srv/data", "srv/data/users.yaml"]) chownSync(at(path), service, service);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Row = {
  readonly name: string;
  /** Needs root, to change owners. */
  readonly asRoot?: true;
  readonly prepare?: () => void;
  /** The file to load. The default is the one in `srv/data`. */
  readonly named?: string;
};

const linkTo = (path: string, target: string, owner: number = service): void => {
  symlinkSync(target, at(path));
  if (isRoot) lchownSync(at(path), owner, owner);
};
const ownedBy = (path: string, uid: number): void => chownSync(at(path), uid, uid);
const folderOf = (path: string, mode: number, uid: number = service): void => {
  mkdirSync(at(path));
  chmodSync(at(path), mode);
  if (isRoot) ownedBy(path, uid);
};

const safe: readonly Row[] = [
  { name: "a file and folders of the service" },
  { name: "a file that all accounts may read", prepare: () => chmodSync(at("srv/data/users.yaml"), 0o644) },
  { name: "a file of root", asRoot: true, prepare: () => ownedBy("srv/data/users.yaml", 0) },
  {
    name: "folders of root",
    asRoot: true,
    prepare: () => ["srv/data", "srv"].map((one) => ownedBy(one, 0)),
  },
  {
    name: "a file in a sticky folder of root",
    asRoot: true,
    prepare: () => (ownedBy("srv", 0), chmodSync(at("srv"), 0o1777)),
  },
  {
    name: "a link of the service",
    prepare: () => linkTo("users.yaml", "srv/data/users.yaml"),
    named: "users.yaml",
  },
  {
    name: "an absolute link of root",
    asRoot: true,
    prepare: () => linkTo("users.yaml", at("srv/data/users.yaml"), 0),
    named: "users.yaml",
  },
  {
    name: "a link to a parent folder, with .. in it",
    prepare: () => linkTo("srv/data/up", "../../srv/data/.."),
    named: "srv/data/up/data/users.yaml",
  },
];

const mode = (path: string, bits: number) => ({ path, why: "writable", mode: bits });
const owner = (path: string, uid: number) => ({ path, why: "owner", uid });

const unsafe: readonly (Row & { readonly flaws: readonly object[] })[] = [
  {
    name: "a file that all accounts may write",
    prepare: () => chmodSync(at("srv/data/users.yaml"), 0o666),
    flaws: [mode("srv/data/users.yaml", 0o666)],
  },
  {
    name: "a file that its group may write",
    prepare: () => chmodSync(at("srv/data/users.yaml"), 0o620),
    flaws: [mode("srv/data/users.yaml", 0o620)],
  },
  {
    name: "a file of another account",
    asRoot: true,
    prepare: () => ownedBy("srv/data/users.yaml", other),
    flaws: [owner("srv/data/users.yaml", other)],
  },
  {
    name: "a file in a folder that all accounts may write",
    prepare: () => chmodSync(at("srv/data"), 0o777),
    flaws: [mode("srv/data", 0o777)],
  },
  {
    name: "a file below a folder that its group may write",
    prepare: () => chmodSync(at("srv"), 0o775),
    flaws: [mode("srv", 0o775)],
  },
  {
    name: "a file below a folder of another account",
    asRoot: true,
    prepare: () => ownedBy("srv", other),
    flaws: [owner("srv", other)],
  },
  {
    name: "a file below a sticky folder of the service",
    asRoot: true,
    prepare: () => chmodSync(at("srv"), 0o1777),
    flaws: [mode("srv", 0o1777)],
  },
  {
    name: "a file of another account in a sticky folder of root",
    asRoot: true,
    prepare: () => (
      ownedBy("srv/data", 0),
      chmodSync(at("srv/data"), 0o1777),
      ownedBy("srv/data/users.yaml", other)
    ),
    flaws: [owner("srv/data/users.yaml", other)],
  },
  {
    name: "a link of another account",
    asRoot: true,
    prepare: () => linkTo("users.yaml", "srv/data/users.yaml", other),
    named: "users.yaml",
    flaws: [owner("users.yaml", other)],
  },
  {
    name: "a link to a file that all accounts may write",
    prepare: () => (chmodSync(at("srv/data/users.yaml"), 0o606), linkTo("users.yaml", "srv/data/users.yaml")),
    named: "users.yaml",
    flaws: [mode("srv/data/users.yaml", 0o606)],
  },
  {
    name: "a link to a file in a folder that all accounts may write",
    prepare: () => (chmodSync(at("srv/data"), 0o777), linkTo("users.yaml", "srv/data/users.yaml")),
    named: "users.yaml",
    flaws: [mode("srv/data", 0o777)],
  },
  {
    name: "a link in a folder that all accounts may write",
    prepare: () => (folderOf("open", 0o777), linkTo("open/users.yaml", at("srv/data/users.yaml"))),
    named: "open/users.yaml",
    flaws: [mode("open", 0o777)],
  },
  {
    name: "a link through another link in a folder that all accounts may write",
    prepare: () => (
      folderOf("open", 0o777),
      linkTo("open/data", at("srv/data")),
      linkTo("users.yaml", "open/data/users.yaml")
    ),
    named: "users.yaml",
    flaws: [mode("open", 0o777)],
  },
  {
    name: "several flaws, and reports all of them",
    prepare: () => ["srv", "srv/data", "srv/data/users.yaml"].map((one) => chmodSync(at(one), 0o777)),
    flaws: [mode("srv", 0o777), mode("srv/data", 0o777), mode("srv/data/users.yaml", 0o777)],
  },
];

const load = async ({ asRoot, prepare, named = "srv/data/users.yaml" }: Row, skip: (why: string) => void) => {
  if (asRoot === true && !isRoot) skip("needs root: it gives files away");
  prepare?.();
  return { path: at(named), loaded: await loadUsersFile(at(named), service) };
};

describe("loadUsersFile accepts", () => {
  test.for(safe)("$name", async (row, { skip }) => {
    const { loaded } = await load(row, skip);
    expect(loaded).toMatchObject({ ok: true, value: { users: [{ telegram_id: 7 }] } });
  });
});

describe("loadUsersFile, if other accounts may change the file", () => {
  test.for(unsafe)("refuses $name", async (row, { skip }) => {
    const { path, loaded } = await load(row, skip);
    const flaws = row.flaws.map((flaw) => ({ ...flaw, path: at((flaw as { path: string }).path) }));
    expect(loaded).toEqual({ ok: false, error: { code: "users-file-unsafe", path, service, flaws } });
  });

  test("explains each path, its mode, and the command that repairs it", async () => {
    chmodSync(at("srv"), 0o777);
    chmodSync(at("srv/data/users.yaml"), 0o666);
    const path = at("srv/data/users.yaml");
    const loaded = await loadUsersFile(path, service);
    const said = loaded.ok ? "" : explain(loaded.error);
    expect(said).toContain(`${at("srv")}: writable by others (mode 0777): chmod go-w ${at("srv")}\n`);
    expect(said).toContain(`users.yaml: writable by others (mode 0666): chmod go-w ${path}\n`);
    execFileSync("chmod", ["go-w", at("srv"), path]);
    expect(await loadUsersFile(path, service)).toMatchObject({ ok: true });
  });

  test("reports a missing file as missing, and a loop of links as unreadable", async () => {
    chmodSync(at("srv/data"), 0o777);
    const gone = at("srv/data/gone.yaml");
    expect(await loadUsersFile(gone, service)).toMatchObject({ error: { code: "users-file-missing" } });
    linkTo("a", "b");
    linkTo("b", "a");
    expect(await loadUsersFile(at("a"), service)).toMatchObject({ error: { errno: "ELOOP" } });
  });
});
