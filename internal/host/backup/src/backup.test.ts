import { Buffer } from "node:buffer";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { openCentral } from "@gatehouse/central-database";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { restoredProblem, takePlace } from "@gatehouse/data-folder";
import { acquireFileLock } from "@gatehouse/fs-kit";
import { generateIdentity, identityToRecipient } from "age-encryption";
import fc from "fast-check";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { backUp, backedUp, contentOf, restore, secretTexts, usedFolder, verify } from "./backup.fixture.ts";
import { explainBackup } from "./backup-messages.ts";
import { endBytes, newSeal } from "./end-block.ts";
import { openBackup } from "./read-backup.ts";
import { aboutName, lineOf, manifestName, type About, type BackedUp } from "./manifest.ts";
import { endOfTar, headerOf, paddingOf } from "./tar-writer.ts";

const isRoot = process.geteuid?.() === 0;

/** A folder that does not exist. */
const newPlace = (): string => join(temporaryFolder(), "restored");

/** The entries of a folder, to see that a failure leaves nothing behind. */
const namesBeside = (path: string): readonly string[] => readdirSync(join(path, ".."));

describe("a backup", () => {
  test("has all of a used data folder: the restored one is the same, and its database opens", async () => {
    const dataDir = await usedFolder();
    const { file, about, files, links, notInIt } = await backedUp(dataDir);
    expect(about).toMatchObject({ format: 1, version: "1.2.3", database: "sqlite", hasSecrets: false });
    expect({ files, links, notInIt }).toEqual({ files: 21, links: 4, notInIt: [] });
    expect(await verify(file)).toMatchObject({ ok: true, value: { about, isEncrypted: false } });
    const restored = newPlace();
    expect(await restore(file, restored)).toMatchObject({ ok: true });
    expect(contentOf(restored)).toEqual(contentOf(dataDir));
    expect(Object.keys(contentOf(restored))).toContain("folder-of-a-later-version/file");
    expect(statSync(join(restored, "gatehouse.db")).mode & 0o777).toBe(0o600);
    const { db } = await openedCentral(restored);
    expect(await db.selectFrom("agent_groups").select("id").execute()).toEqual([{ id: "ag-1" }]);
    expect(statSync(restored).mode & 0o777).toBe(0o711);
    expect(namesBeside(restored)).toEqual(["restored"]);
    expect(namesBeside(file).toSorted()).toEqual(["backup.tar", "data"]);
  });

  test("is a tar that only its owner can read, whatever the umask, and tar reads it", async () => {
    const dataDir = await usedFolder();
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const { file } = await backedUp(dataDir);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const place = temporaryFolder();
    execFileSync("tar", ["-C", place, "-xf", file]);
    expect(readdirSync(place).toSorted()).toEqual(["data", aboutName, manifestName]);
    expect(contentOf(join(place, "data"))).toEqual(contentOf(dataDir));
  });

  test("has no secret without --with-secrets, and names those that it leaves out", async () => {
    const dataDir = await usedFolder();
    const { file, secretsLeftOut } = await backedUp(dataDir);
    expect(secretsLeftOut).toEqual([
      ...[
        "log.key",
        "mcp-secrets.json",
        "messengers.json",
        "messengers.json.before",
        "secrets.json",
        "wire-tls.pem",
      ],
    ]);
    const bytes = readFileSync(file, "latin1");
    expect(secretTexts.filter((text) => bytes.includes(text))).toEqual([]);
  });

  test("leaves out the key file if it is in the data folder", async () => {
    const dataDir = await usedFolder();
    const keyFile = join(dataDir, "shared");
    writeFileSync(keyFile, "KEY-OF-HOSTS");
    const { file, secretsLeftOut } = await backedUp(dataDir, { keyFile });
    expect(secretsLeftOut).toContain("shared");
    expect(readFileSync(file, "latin1")).not.toContain("KEY-OF-HOSTS");
  });

  test("with secrets is encrypted for its recipients, none of its texts can be read, and it restores", async () => {
    const dataDir = await usedFolder();
    const [identity, other, stranger] = await Promise.all([1, 2, 3].map(() => generateIdentity()));
    const recipients = await Promise.all([identity, other].map((each) => identityToRecipient(each ?? "")));
    const { file } = await backedUp(dataDir, { withSecrets: true, to: { recipients } });
    const bytes = readFileSync(file, "latin1");
    expect(bytes.startsWith("age-encryption.org/v1\n")).toBe(true);
    expect([...secretTexts, "likes tea", "groups/ana"].filter((text) => bytes.includes(text))).toEqual([]);
    expect(await verify(file)).toMatchObject({ ok: false, error: { code: "backup-encrypted" } });
    const wrong = { identities: [stranger ?? ""] };
    expect(await verify(file, { keys: wrong })).toMatchObject({ ok: false, error: { code: "wrong-key" } });
    const keys = { identities: [`# created: today\n${other ?? ""}\n`] };
    expect(await verify(file, { keys })).toMatchObject({ ok: true, value: { isEncrypted: true } });
    const restored = newPlace();
    expect(await restore(file, restored, { keys, as: "in-place-of" })).toMatchObject({ ok: true });
    const all = { withSecrets: true };
    expect(contentOf(restored, all)).toEqual(contentOf(dataDir, all));
    expect(await restoredProblem(restored)).toBeNull();
  });

  test("with a passphrase opens with it alone", async () => {
    const dataDir = await usedFolder();
    const passphrase = "eight words äöü with blanks ";
    const { file } = await backedUp(dataDir, { withSecrets: true, to: { passphrase } });
    expect(await verify(file, { keys: { passphrase } })).toMatchObject({ ok: true });
    expect(await verify(file, { keys: { passphrase: passphrase.trim() } })).toMatchObject({
      ok: false,
      error: { code: "wrong-key" },
    });
  });

  test("never replaces a file, a folder or a link, and leaves nothing beside it", async () => {
    const dataDir = await usedFolder();
    const place = temporaryFolder();
    writeFileSync(join(place, "file"), "before");
    mkdirSync(join(place, "folder"));
    symlinkSync("nowhere", join(place, "link"));
    for (const name of ["file", "folder", "link"])
      expect(await backUp(dataDir, { file: join(place, name) })).toMatchObject({
        ok: false,
        error: { code: "file-exists" },
      });
    expect(readFileSync(join(place, "file"), "utf8")).toBe("before");
    expect(readdirSync(place)).toEqual(["file", "folder", "link"]);
  });

  test("is refused inside the data folder, except in backups/", async () => {
    const dataDir = await usedFolder();
    expect(await backUp(dataDir, { file: join(dataDir, "groups/ana/mine.tar") })).toMatchObject({
      ok: false,
      error: { code: "file-in-data-folder" },
    });
    expect(await backUp(dataDir, { file: join(dataDir, "backups/mine.tar") })).toMatchObject({ ok: true });
  });

  test("in a folder that does not exist is refused with the reason", async () => {
    const folder = join(temporaryFolder(), "not/there");
    const made = await backUp(await usedFolder(), { file: join(folder, "backup.tar") });
    expect(made).toMatchObject({
      ok: false,
      error: {
        code: "backup-unwritable",
        message: expect.stringContaining("ENOENT") as unknown,
        fix: `make its folder first: mkdir -p ${folder}; or name a file elsewhere`,
      },
    });
  });

  test("that is not there, or is a folder, is refused with the fix for that", async () => {
    const folder = temporaryFolder();
    for (const [file, fix] of [
      [join(folder, "nope.tar"), "no file is at this path: look for a mistake in it"],
      [folder, "this is a folder: name a file in it"],
    ] as const) {
      const opened = await openBackup(file);
      if (opened.ok) expect.fail(file);
      expect(explainBackup(opened.error)).toMatchObject({ code: "backup-unreadable", fix });
    }
  });

  test("without a database is refused, unless that is on PostgreSQL", async () => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, "users.yaml"), "users: []\n");
    const file = join(temporaryFolder(), "backup.tar");
    expect(await backUp(dataDir, { file })).toMatchObject({ ok: false, error: { code: "no-database" } });
    expect(existsSync(file)).toBe(false);
    expect(await backUp(dataDir, { file, database: "postgresql" })).toMatchObject({ ok: true });
    expect(await verify(file)).toMatchObject({ ok: true, value: { about: { schema: null } } });
  });

  test("stops at a signal in the middle, and leaves nothing", async () => {
    const dataDir = await usedFolder();
    const stopped = new AbortController();
    const made = await backUp(dataDir, { signal: stopped.signal, progress: () => stopped.abort() });
    expect(made).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(namesBeside(made.file)).toEqual(["data"]);
  });

  test("that is killed in the middle leaves no file of its name, and the next one is whole", async () => {
    const dataDir = await usedFolder();
    const file = join(temporaryFolder(), "backup.tar");
    const killed = spawnSync(process.execPath, [inject("programs")["killed-backup"], dataDir, file]);
    expect(killed.signal).toBe("SIGKILL");
    const [left = "", ...more] = namesBeside(file).filter((name) => name.endsWith(".unfinished"));
    expect(more).toEqual([]);
    expect(statSync(join(file, "..", left)).size).toBeGreaterThan(0);
    expect(existsSync(file)).toBe(false);
    await backedUp(dataDir, { file });
    expect(await verify(file)).toMatchObject({ ok: true });
  });
});

describe("of odd entries, a backup", () => {
  test("names pipes, sockets and sparse files, waits for none, and has all else", async () => {
    const dataDir = await usedFolder();
    const group = join(dataDir, "groups/ana");
    execFileSync("mkfifo", [join(group, "pipe")]);
    const server = createServer().listen(join(group, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    onTestFinished(() => void server.close());
    writeFileSync(join(group, "sparse"), "");
    truncateSync(join(group, "sparse"), 2 ** 40);
    const { file, notInIt } = await backedUp(dataDir);
    expect(notInIt.map(({ path, why }) => `${path}: ${why}`)).toEqual([
      "groups/ana/pipe: it is a named pipe",
      "groups/ana/socket: it is a socket",
      "groups/ana/sparse: it is a sparse file of 1024.0 GB, of which 0 MB are used",
    ]);
    expect(await verify(file)).toMatchObject({ ok: true, value: { notInIt } });
  });

  test.skipIf(isRoot)("names what may not be read, and takes the rest", async () => {
    const dataDir = await usedFolder();
    const [folder, unreadable] = [join(dataDir, "users/memory/7"), join(dataDir, "groups/ana/empty")];
    chmodSync(folder, 0);
    chmodSync(unreadable, 0);
    onTestFinished(() => chmodSync(folder, 0o700));
    const { file, notInIt } = await backedUp(dataDir);
    const why = "this account may not read it";
    expect(notInIt).toEqual([
      { type: "not-in-it", path: "groups/ana/empty", why },
      { type: "not-in-it", path: "users/memory/7", why },
    ]);
    expect(await verify(file)).toMatchObject({ ok: true, value: { notInIt } });
  });
  if (isRoot) console.log("What may not be read: skipped, root reads everything.");

  test("follows no link, not even one to a folder of the host", async () => {
    const dataDir = await usedFolder();
    const outside = temporaryFolder();
    writeFileSync(join(outside, "passwords"), "OUTSIDE");
    symlinkSync(outside, join(dataDir, "groups/ana/out"));
    symlinkSync(join(outside, "passwords"), join(dataDir, "groups/ana/out-file"));
    const { file } = await backedUp(dataDir);
    expect(readFileSync(file, "latin1")).not.toContain("OUTSIDE");
  });
});

test("a backup has every row that was committed before it began, also while a host commits", async () => {
  const dataDir = await usedFolder();
  const { db } = await openedCentral(dataDir);
  let written = 0;
  let isDone = false;
  const writing = (async () => {
    while (!isDone) {
      await addRow(db, "users", { id: `local:${written}` });
      written += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let turn = 0; turn < 3; turn += 1) {
    const acknowledged = written;
    const { file } = await backedUp(dataDir, { file: join(temporaryFolder(), "backup.tar") });
    const restored = newPlace();
    expect(await restore(file, restored)).toMatchObject({ ok: true });
    const opened = await openCentral(restored);
    if (!opened.ok) expect.fail(opened.error.code);
    const rows = await opened.value.db.selectFrom("users").select("id").execute();
    await opened.value.close();
    expect(rows.length).toBeGreaterThanOrEqual(acknowledged);
  }
  isDone = true;
  await writing;
});

describe("a backup that is not as it was written", () => {
  const small = async (options: Parameters<typeof backUp>[1] = {}): Promise<Buffer> => {
    const dataDir = await usedFolder();
    writeFileSync(join(dataDir, "groups/ana/large.bin"), "small");
    return readFileSync((await backedUp(dataDir, options)).file);
  };
  const codes = ["backup-damaged", "backup-cut", "not-a-backup", "wrong-key", "newer-backup"];

  test("does not verify with one changed byte anywhere", async () => {
    const bytes = await small();
    const file = join(temporaryFolder(), "changed");
    const ends = [0, 1, 511, 512, bytes.length - 513, bytes.length - 512, bytes.length - 1].map(
      (at): [number, number] => [at, 1],
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ bits;
        writeFileSync(file, changed);
        const verified = await verify(file);
        expect(verified).toMatchObject({ ok: false });
        if (!verified.ok) expect(codes).toContain(verified.error.code);
      }),
      { examples: ends },
    );
  });

  test.each([
    { what: "bytes were changed", isSealedAnew: false },
    { what: "bytes were changed, with an end block for them", isSealedAnew: true },
  ])("names the file in which $what", async ({ isSealedAnew }) => {
    const bytes = await small();
    const file = join(temporaryFolder(), "changed");
    const at = bytes.indexOf("likes tea");
    bytes[at] = 0x4c;
    const [content, end] = [bytes.subarray(0, -endBytes), bytes.subarray(-endBytes)];
    const seal = newSeal();
    seal.add(content);
    writeFileSync(file, Buffer.concat([content, isSealedAnew ? seal.endBlock() : end]));
    expect(await verify(file)).toMatchObject({
      ok: false,
      error: {
        code: "backup-damaged",
        message: expect.stringContaining("changed are users/memory/7/notes.md.") as unknown,
      },
    });
    const restored = newPlace();
    expect(await restore(file, restored)).toMatchObject({ ok: false, error: { code: "backup-damaged" } });
    expect(namesBeside(restored)).toEqual([]);
  });

  test("does not verify if it was cut anywhere, and says so", async () => {
    const bytes = await small();
    const file = join(temporaryFolder(), "cut");
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        writeFileSync(file, bytes.subarray(0, length));
        const verified = await verify(file);
        expect(verified).toMatchObject({ ok: false });
        if (!verified.ok && length > 2048) expect(verified.error.code).toBe("backup-cut");
      }),
    );
  });

  test("does not verify with bytes behind its end", async () => {
    const file = join(temporaryFolder(), "longer");
    writeFileSync(file, Buffer.concat([await small(), Buffer.alloc(512)]));
    expect(await verify(file)).toMatchObject({ ok: false });
  });

  test("does not verify with one changed byte anywhere if it is encrypted", async () => {
    const identity = await generateIdentity();
    const recipients = [await identityToRecipient(identity)];
    const bytes = await small({ withSecrets: true, to: { recipients } });
    const file = join(temporaryFolder(), "changed");
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.boolean(), async (at, isCut) => {
        const changed = Buffer.from(isCut ? bytes.subarray(0, at) : bytes);
        if (!isCut) changed[at] = (changed[at] ?? 0) ^ 1;
        writeFileSync(file, changed);
        expect(await verify(file, { keys: { identities: [identity] } })).toMatchObject({ ok: false });
      }),
      {
        examples: [
          [0, false],
          [30, false],
          [bytes.length - 1, false],
          [bytes.length - 1, true],
        ],
      },
    );
  });
});

/** Makes a backup by hand, with these entries. */
const madeByHand = (
  about: Partial<About> & Record<string, unknown>,
  entries: readonly BackedUp[] = [],
): string => {
  const known = { format: 1, version: "9.9.9", createdAt: "", from: "other:/srv", hasSecrets: false };
  const text = JSON.stringify({ ...known, database: "postgresql", schema: null, ...about });
  const blocksOf = (path: string, content: string): readonly Buffer[] => {
    const bytes = Buffer.from(content);
    return [
      headerOf({ type: "File", path, mode: 0o600, size: bytes.length }),
      bytes,
      paddingOf(bytes.length),
    ];
  };
  const tar = Buffer.concat([
    ...blocksOf(aboutName, text),
    ...entries.flatMap((entry) => {
      const path = `data/${entry.path}`;
      if (entry.type === "link")
        return [headerOf({ type: "SymbolicLink", path, mode: 0o777, linkpath: entry.to })];
      return entry.type === "file"
        ? blocksOf(path, "")
        : [headerOf({ type: "Directory", path: `${path}/`, mode: 0o700 })];
    }),
    ...blocksOf(manifestName, entries.map((entry) => `${lineOf(entry)}\n`).join("")),
    endOfTar,
  ]);
  const seal = newSeal();
  seal.add(tar);
  const file = join(temporaryFolder(), "made.tar");
  writeFileSync(file, Buffer.concat([tar, seal.endBlock()]));
  return file;
};

describe("restore", () => {
  test.for([
    {
      what: "a folder with a file in it",
      make: (at: string) => (mkdirSync(at), writeFileSync(join(at, "a"), "")),
    },
    { what: "a file", make: (at: string) => writeFileSync(at, "") },
  ])("refuses $what, and changes nothing", async ({ make }) => {
    const { file } = await backedUp(await usedFolder());
    const at = newPlace();
    make(at);
    expect(await restore(file, at)).toMatchObject({ ok: false, error: { code: "folder-not-empty" } });
    expect(namesBeside(at)).toEqual(["restored"]);
  });

  test("takes the place of an empty folder", async () => {
    const { file } = await backedUp(await usedFolder());
    const at = newPlace();
    mkdirSync(at);
    expect(await restore(file, at)).toMatchObject({ ok: true });
    expect(existsSync(join(at, "gatehouse.db"))).toBe(true);
  });

  test("removes the folders that killed restores to the same place left, and says so", async () => {
    const { file } = await backedUp(await usedFolder());
    const at = newPlace();
    const id = "0b3e7a52-1c5d-4f7e-9a61-4d0f2c9b8e77";
    const [left, running] = [`restored.${id}.unfinished`, `restored.${id.replace("0", "1")}.unfinished`];
    const [unmarked, persons, others] = [
      `restored.${id.replace("0", "2")}.unfinished`,
      "restored.mine.unfinished",
      `other.${id}.unfinished`,
    ];
    for (const name of [left, running, unmarked, persons, others]) {
      mkdirSync(join(at, "..", name, "groups"), { recursive: true });
      if (name !== unmarked) writeFileSync(join(at, "..", name, "restore.lock"), "");
    }
    const lock = await acquireFileLock({ path: join(at, "..", running, "restore.lock"), timeoutMs: 0 });
    if (!lock.ok) expect.fail(lock.error.code);
    onTestFinished(lock.value.release);
    const removed: string[] = [];
    expect(await restore(file, at, { removed: (folder) => removed.push(folder) })).toMatchObject({
      ok: true,
    });
    expect(removed).toEqual([join(at, "..", left)]);
    expect(namesBeside(at).toSorted()).toEqual([others, unmarked, running, persons, "restored"].toSorted());
    expect(existsSync(join(at, "restore.lock"))).toBe(false);
  });

  test.skipIf(!isRoot)("by root makes all of it for the owner of the empty folder", async () => {
    const { file } = await backedUp(await usedFolder());
    const at = newPlace();
    chmodSync(join(at, ".."), 0o711);
    mkdirSync(at);
    chownSync(at, 65_534, 65_534);
    expect(await restore(file, at)).toMatchObject({ ok: true });
    const owners = [
      "",
      "gatehouse.db",
      "restored.json",
      "groups/ana/CLAUDE.md",
      "groups/ana/link",
      "users/memory/7",
    ];
    for (const path of owners) expect(lstatSync(join(at, path)).uid).toBe(65_534);
    expect(process.geteuid?.()).toBe(0);
  });
  if (!isRoot) console.log("The owner of what root restores: skipped, this account is not root.");

  test("marks the folder as a copy until a person says that the other host is gone", async () => {
    const { file } = await backedUp(await usedFolder());
    const at = newPlace();
    await restore(file, at);
    expect(await restoredProblem(at)).toMatchObject({
      code: "restored-copy",
      fix: expect.stringContaining(`gatehouse up --in-place-of --data ${at}`) as unknown,
    });
    // A backup of the copy has no mark: it is a copy of this folder.
    const again = join(temporaryFolder(), "again.tar");
    expect(await backUp(at, { file: again })).toMatchObject({ ok: true });
    expect(readFileSync(again, "latin1")).not.toContain("data/restored.json");
    await takePlace(at, "2026-11-30T01:00:00.000Z");
    expect(await restoredProblem(at)).toBeNull();
  });

  test.for([
    { as: "in-place-of", is: { id: "one", since: expect.stringMatching(/^20/) as unknown } },
    { as: null, is: { id: "one", since: "" } },
    { as: "beside", is: null },
  ] as const)("as $as has its place among the copies of the folder", async ({ as, is }) => {
    const dataDir = await usedFolder();
    writeFileSync(join(dataDir, "succession.json"), '{"id":"one","since":""}');
    const { file } = await backedUp(dataDir);
    const at = newPlace();
    expect(await restore(file, at, { as })).toMatchObject({ ok: true });
    const kept = join(at, "succession.json");
    expect(existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : null).toEqual(is);
  });

  test("beside the other host leaves its secrets out, and names them", async () => {
    const identity = await generateIdentity();
    const to = { recipients: [await identityToRecipient(identity)] };
    const { file } = await backedUp(await usedFolder(), { withSecrets: true, to });
    const at = newPlace();
    const leftOut: string[] = [];
    const options = {
      keys: { identities: [identity] },
      as: "beside",
      leftOut: (path: string) => leftOut.push(path),
    };
    expect(await restore(file, at, options as Parameters<typeof restore>[2])).toMatchObject({ ok: true });
    expect(leftOut).toContain("messengers.json");
    for (const path of leftOut) expect(existsSync(join(at, path))).toBe(false);
    expect(await restoredProblem(at)).toBeNull();
  });

  test.for([
    { as: "beside", status: "paused", paused: [2] },
    { as: "in-place-of", status: "active", paused: [] },
  ] as const)("as $as has its tasks $status", async ({ as, status, paused: expected }) => {
    const dataDir = await usedFolder();
    const before = await openedCentral(dataDir);
    await addRow(before.db, "messaging_groups");
    for (const id of ["ta-1", "ta-2"]) await addRow(before.db, "tasks", { id });
    await addRow(before.db, "tasks", { id: "ta-3", status: "ended" });
    await before.close();
    const { file } = await backedUp(dataDir);
    const at = newPlace();
    const paused: number[] = [];
    const options = { as, paused: (tasks: number) => paused.push(tasks) };
    expect(await restore(file, at, options as Parameters<typeof restore>[2])).toMatchObject({ ok: true });
    expect(paused).toEqual(expected);
    expect(readdirSync(at).filter((name) => name.startsWith("gatehouse.db"))).toEqual(["gatehouse.db"]);
    const { db } = await openedCentral(at);
    const rows = await db.selectFrom("tasks").select("status").orderBy("id").execute();
    expect(rows).toEqual([{ status }, { status }, { status: "ended" }]);
  });

  test.for([
    {
      what: "tasks were changed by hand",
      change: async (dataDir: string) => {
        const { db, close } = await openedCentral(dataDir);
        await db.schema.alterTable("tasks").renameColumn("paused_because", "why").execute();
        await close();
      },
      error: {
        code: "backup-database",
        message: expect.stringMatching(
          /^The database in .*backup\.tar is damaged .*no such column: paused_because/,
        ) as unknown,
        fix: "use another backup",
      },
      isForRoot: true,
    },
    {
      what: "database may not be written",
      change: async (dataDir: string) => chmodSync(join(dataDir, "gatehouse.db"), 0o400),
      error: {
        code: "restore-failed",
        message: expect.stringMatching(/^Nothing was restored to .* cannot be opened to pause/) as unknown,
        fix: expect.stringContaining("name another folder") as unknown,
      },
      isForRoot: false,
    },
  ])("beside the other host is refused if its $what", async ({ change, error, isForRoot }, { skip }) => {
    skip(isRoot && !isForRoot, "root may write every file");
    const dataDir = await usedFolder();
    await change(dataDir);
    const { file } = await backedUp(dataDir);
    const at = newPlace();
    expect(await restore(file, at, { as: "beside" })).toMatchObject({ ok: false, error });
    expect(namesBeside(at)).toEqual([]);
  });

  test.for([
    {
      what: "a newer format",
      about: { format: 2 },
      says: /Gatehouse 9\.9\.9 and has format 2; .* formats up to 1/,
    },
    {
      what: "a newer schema",
      about: { database: "sqlite", schema: "900-later" } as const,
      says: /Gatehouse 9\.9\.9 and has the schema 900-later; this Gatehouse knows up to 0/,
    },
  ])("refuses $what, and names the version that can", async ({ about, says }) => {
    const file = madeByHand(about);
    const at = newPlace();
    for (const refused of [await restore(file, at), await verify(file)])
      expect(refused).toMatchObject({
        ok: false,
        error: {
          code: "newer-backup",
          message: expect.stringMatching(says) as unknown,
          fix: "use Gatehouse 9.9.9, or a later one",
        },
      });
    expect(namesBeside(at)).toEqual([]);
  });

  const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const emptyFile = (path: string): BackedUp => ({
    type: "file",
    path,
    mode: 0o600,
    size: 0,
    sha256: emptyHash,
  });

  test.for([
    { what: "..", entries: [emptyFile("../outside")] },
    { what: "an absolute path", entries: [emptyFile("/tmp/outside")] },
    {
      what: "a path through a link",
      entries: [{ type: "link", path: "a", to: ".." } as const, emptyFile("a/outside")],
    },
    { what: "the same file twice", entries: [emptyFile("a"), emptyFile("a")] },
  ])("makes nothing of a backup by another program with $what", async ({ entries }) => {
    const file = madeByHand({}, entries);
    const at = newPlace();
    expect(await restore(file, at)).toMatchObject({ ok: false, error: { code: "backup-damaged" } });
    expect(namesBeside(at)).toEqual([]);
  });

  test("makes a folder of a backup by hand", async () => {
    const at = newPlace();
    expect(await restore(madeByHand({}, [emptyFile("a")]), at)).toMatchObject({ ok: true });
    expect(readdirSync(at)).toEqual(["a", "restored.json"]);
  });

  test("refuses another file", async () => {
    const file = join(temporaryFolder(), "file");
    for (const text of ["", "text", "x".repeat(5000)]) {
      writeFileSync(file, text);
      expect(await verify(file)).toMatchObject({ ok: false, error: { code: "not-a-backup" } });
    }
  });
});
