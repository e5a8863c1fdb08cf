import { spawnSync } from "node:child_process";
import {
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { inFolder, moveAside, openEntry, readEntry } from "./held-folder.ts";
import { replaceFile } from "./replace-file.ts";

const isRoot = process.geteuid?.() === 0;

/** A folder `shared/a/b` in which others can write, and a folder with a secret. */
const place = () => {
  const root = mkdtempSync(join(tmpdir(), "held-folder-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [inner, secrets] = [join(root, "shared/a/b"), join(root, "secrets")];
  mkdirSync(inner, { recursive: true });
  mkdirSync(join(secrets, "b"), { recursive: true });
  for (const folder of [secrets, join(secrets, "b")]) writeFileSync(join(folder, "file"), "secret");
  writeFileSync(join(inner, "file"), "plain");
  return { root, shared: join(root, "shared"), inner, secrets };
};

const read = (root: string, below: string): Promise<string> =>
  inFolder(root, below, async (folder) => (await readEntry(folder, "file", 100)).bytes.toString());

describe("inFolder", () => {
  test.for(["a/b", "./a//b/", "a/./b"])("holds the folder %s", async (below) =>
    expect(await read(place().shared, below)).toBe("plain"),
  );

  test("accepts a link at its root, which only the host's account can make", async () => {
    const { root, shared } = place();
    symlinkSync(shared, join(root, "linked"));
    expect(await read(join(root, "linked"), "a/b")).toBe("plain");
  });

  test.for([
    { what: "a link in the place of the last folder", at: "a/b", to: "secrets" },
    { what: "a link in the place of a folder on the way", at: "a", to: "secrets" },
    { what: "a relative link on the way", at: "a", to: "../secrets" },
    { what: "a link on the way that stays in the folder", at: "a", to: "other" },
    { what: "a link to nothing", at: "a", to: "none" },
  ])("refuses $what", async ({ at, to }) => {
    const { root, shared } = place();
    rmSync(join(shared, at), { recursive: true });
    mkdirSync(join(shared, "other/b"), { recursive: true });
    symlinkSync(to.startsWith("..") || to === "other" ? to : join(root, to), join(shared, at));
    await expect(read(shared, "a/b")).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  test.for([
    {
      what: "a pipe on the way, without waiting for a writer",
      make: (path: string) => spawnSync("mkfifo", [path]),
    },
    { what: "a file on the way", make: (path: string) => writeFileSync(path, "") },
  ])("refuses $what", async ({ make }) => {
    const { shared } = place();
    rmSync(join(shared, "a"), { recursive: true });
    make(join(shared, "a"));
    await expect(read(shared, "a/b")).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  test.for(["..", "a/../../secrets", "a/.."])("refuses the path %s", async (below) => {
    await expect(read(place().shared, below)).rejects.toMatchObject({ code: "EINVAL" });
  });

  test("stays in the folder if it is exchanged for a link while it is held", async () => {
    const { shared, secrets } = place();
    await inFolder(shared, "a/b", async (folder) => {
      renameSync(join(shared, "a"), join(shared, "before"));
      symlinkSync(secrets, join(shared, "a"));
      expect((await readEntry(folder, "file", 100)).bytes.toString()).toBe("plain");
      await replaceFile(folder.at("file"), "written");
      expect(await moveAside(folder, "file")).toMatch(/^file\..+\.aside$/);
    });
    expect(readFileSync(join(secrets, "b/file"), "utf8")).toBe("secret");
    expect(readdirSync(join(shared, "before/b"))).toEqual([expect.stringMatching(/^file\..+\.aside$/)]);
  });
});

describe("openEntry", () => {
  const entries: readonly {
    readonly what: string;
    readonly code: string;
    readonly needsRoot?: true;
    readonly make: (path: string, secret: string) => unknown;
  }[] = [
    { what: "a link", code: "not-a-file", make: (path, secret) => symlinkSync(secret, path) },
    { what: "a link to /dev/zero", code: "not-a-file", make: (path) => symlinkSync("/dev/zero", path) },
    { what: "a link to nothing", code: "not-a-file", make: (path) => symlinkSync("nothing", path) },
    { what: "a folder", code: "EISDIR", make: (path) => mkdirSync(path) },
    { what: "a pipe", code: "not-a-file", make: (path) => spawnSync("mkfifo", [path]) },
    {
      what: "a socket",
      code: "not-a-file",
      make: (path) =>
        spawnSync(process.execPath, [
          "-e",
          `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`,
        ]),
    },
    {
      what: "a device",
      code: "not-a-file",
      needsRoot: true,
      make: (path) => spawnSync("mknod", [path, "c", "1", "5"]),
    },
    {
      what: "a hard link to a file of another account",
      code: "not-a-file",
      needsRoot: true,
      make: (path, secret) => {
        chownSync(secret, 4711, 4711);
        linkSync(secret, path);
      },
    },
  ];

  test.for(entries)("refuses $what at once", async ({ code, needsRoot, make }, { skip }) => {
    skip(needsRoot === true && !isRoot, "only root can make devices and files of other accounts");
    const { shared, inner, secrets } = place();
    rmSync(join(inner, "file"));
    make(join(inner, "file"), join(secrets, "file"));
    const opened = inFolder(shared, "a/b", (folder) => openEntry(folder, "file"));
    await expect(opened).rejects.toMatchObject({ code });
  });

  test("opens a hard link between two files of the folder's account", async () => {
    const { shared, inner } = place();
    linkSync(join(inner, "file"), join(inner, "second"));
    expect(await read(shared, "a/b")).toBe("plain");
  });

  test("readEntry refuses a file above the limit, also one without blocks", async () => {
    const { shared, inner } = place();
    truncateSync(join(inner, "file"), 2 ** 40);
    await expect(read(shared, "a/b")).rejects.toMatchObject({ code: "EFBIG" });
  });
});
