import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Account } from "../../account/account.ts";
import type { Machine, Owner } from "../../ports.ts";

/** A machine under test, with an empty directory (0711) that belongs to root. */
export type TriedMachine = {
  readonly machine: Machine;
  readonly folder: string;
  readonly service: Account;
  readonly person: Account;
  /** Makes a symbolic link, which the port cannot do. */
  readonly link: (path: string, to: string) => void;
  readonly remove: () => void;
};

const root: Owner = { uid: 0, gid: 0 };
const secret = { ...root, mode: 0o600 };
const done = { ok: true, value: undefined };
const refusedWith = (errno: string) => ({ ok: false, error: { code: "file-error", errno } });

/** Tests of the port on which `addUser` relies, for the real machine and for the fakes. */
export const describeMachine = (name: string, make: () => TriedMachine): void => {
  describe(`the machine port: ${name}`, () => {
    let it: TriedMachine;
    const inFolder = (path: string) => `${it.folder}/${path}`;
    const mkdir = (path: string, as: Owner = root) =>
      it.machine.run(["mkdir", "-m", "700", "--", inFolder(path)], { as: { uid: as.uid, gid: as.gid } });
    const asPerson = (words: readonly string[], input: string = "") =>
      it.machine.run(["sudo", "-n", "-H", "-u", it.person.name, "--", ...words], { input });

    beforeEach(() => {
      it = make();
    });
    afterEach(() => it.remove());

    test("look() returns null for a missing path, and a link as a link", async () => {
      it.link(inFolder("link"), "/");
      expect(await it.machine.files.look(inFolder("nothing"))).toEqual({ ok: true, value: null });
      expect(await it.machine.files.look(inFolder("link"))).toMatchObject({ value: { kind: "link" } });
    });

    test("create() writes a file with the given text, mode and owner", async () => {
      const { uid, gid } = it.person;
      expect(await it.machine.files.create(inFolder("a"), "ä\r\n", { uid, gid, mode: 0o640 })).toEqual(done);
      const value = { kind: "file", mode: 0o640, uid, gid };
      expect(await it.machine.files.look(inFolder("a"))).toEqual({ ok: true, value });
      expect(await it.machine.files.read(inFolder("a"))).toEqual({
        ok: true,
        value: { text: "ä\r\n", entry: value },
      });
    });

    test("create() refuses an existing path, even a dangling link", async () => {
      await it.machine.files.create(inFolder("a"), "first", secret);
      it.link(inFolder("link"), inFolder("nowhere"));
      for (const path of ["a", "link"])
        expect(await it.machine.files.create(inFolder(path), "second", secret)).toMatchObject(
          refusedWith("EEXIST"),
        );
      expect(await it.machine.files.read(inFolder("a"))).toMatchObject({
        ok: true,
        value: { text: "first" },
      });
    });

    test("no call follows a link, neither as the file nor as a parent folder", async () => {
      await it.machine.files.create(inFolder("a"), "text", secret);
      await mkdir("real");
      it.link(inFolder("file"), inFolder("a"));
      it.link(inFolder("folder"), inFolder("real"));
      const { files } = it.machine;
      expect(await files.read(inFolder("file"))).toMatchObject(refusedWith("ELOOP"));
      expect((await files.create(inFolder("folder/b"), "", secret)).ok).toBe(false);
      expect((await files.give(inFolder("folder"), root, it.person)).ok).toBe(false);
      expect(await files.look(inFolder("real/b"))).toEqual({ ok: true, value: null });
    });

    test("rename() replaces an existing file", async () => {
      await it.machine.files.create(inFolder("old"), "old", secret);
      await it.machine.files.create(inFolder("new"), "new", secret);
      expect(await it.machine.files.rename(inFolder("new"), inFolder("old"))).toEqual(done);
      expect(await it.machine.files.read(inFolder("old"))).toMatchObject({
        ok: true,
        value: { text: "new" },
      });
      expect(await it.machine.files.look(inFolder("new"))).toEqual({ ok: true, value: null });
    });

    test("rename() moves a directory with its content, owners and modes", async () => {
      await mkdir("d");
      await mkdir("archive");
      const { uid, gid } = it.person;
      await it.machine.files.create(inFolder("d/a"), "text", { uid, gid, mode: 0o640 });
      await it.machine.files.give(inFolder("d"), root, it.person);
      const { look, rename } = it.machine.files;
      expect(await rename(inFolder("d"), inFolder("archive/d"))).toEqual(done);
      expect(await look(inFolder("d"))).toEqual({ ok: true, value: null });
      expect(await look(inFolder("archive/d"))).toMatchObject({ value: { uid, gid, mode: 0o700 } });
      expect(await look(inFolder("archive/d/a"))).toMatchObject({ value: { uid, gid, mode: 0o640 } });
    });

    test("remove() removes files and empty directories, and refuses full ones", async () => {
      await mkdir("full");
      await it.machine.files.create(inFolder("full/a"), "", secret);
      const { remove } = it.machine.files;
      expect(await remove(inFolder("full"))).toMatchObject(refusedWith("ENOTEMPTY"));
      expect(await remove(inFolder("full/a"))).toEqual(done);
      expect(await remove(inFolder("full"))).toEqual(done);
      expect(await remove(inFolder("full"))).toMatchObject(refusedWith("ENOENT"));
    });

    test("give() refuses a directory of an unexpected owner", async () => {
      await mkdir("d");
      const { give, look } = it.machine.files;
      expect(await give(inFolder("d"), it.service, it.person)).toMatchObject(refusedWith("EPERM"));
      expect(await give(inFolder("d"), root, it.person)).toEqual(done);
      expect(await give(inFolder("d"), root, it.person)).toEqual(done);
      expect(await look(inFolder("d"))).toMatchObject({ value: { uid: it.person.uid, gid: it.person.gid } });
    });

    test("run() starts a program with the rights of the given account", async () => {
      expect((await mkdir("theirs", it.service)).exitCode).not.toBe(0);
      await mkdir("given");
      await it.machine.files.give(inFolder("given"), root, it.service);
      expect((await mkdir("given/theirs", it.service)).exitCode).toBe(0);
      expect(await it.machine.files.look(inFolder("given/theirs"))).toMatchObject({
        value: { kind: "directory", mode: 0o700, uid: it.service.uid },
      });
    });

    test("run() lets sudo write, read and remove in a person's own directory, and in no other", async () => {
      for (const name of ["own", "other"]) await mkdir(name);
      await it.machine.files.give(inFolder("own"), root, it.person);
      const write = (path: string) =>
        asPerson(["sh", "-c", 'set -C; umask 077; cat > "$1"', "sh", inFolder(path)], "hello");
      it.link(inFolder("own/link"), inFolder("own/nowhere"));
      expect((await write("own/link")).exitCode).not.toBe(0);
      expect((await write("own/x")).exitCode).toBe(0);
      expect((await write("own/x")).exitCode).not.toBe(0);
      expect(await it.machine.files.look(inFolder("own/x"))).toMatchObject({ value: { mode: 0o600 } });
      expect(await it.machine.files.look(inFolder("own/nowhere"))).toEqual({ ok: true, value: null });
      expect(await asPerson(["cat", inFolder("own/x")])).toMatchObject({ exitCode: 0, stdout: "hello" });
      expect((await asPerson(["rm", "-f", inFolder("own/x")])).exitCode).toBe(0);
      expect(await it.machine.files.look(inFolder("own/x"))).toEqual({ ok: true, value: null });
      expect((await write("other/x")).exitCode).not.toBe(0);
    });

    test("run() lets visudo accept a valid rule and refuse an invalid one", async () => {
      const check = (path: string) => it.machine.run(["visudo", "-cf", inFolder(path)]);
      const as = { ...root, mode: 0o440 };
      await it.machine.files.create(inFolder("good"), "svc ALL=(ada) NOPASSWD: /usr/bin/claude\n", as);
      await it.machine.files.create(inFolder("bad"), "svc may do anything\n", as);
      expect((await check("good")).exitCode).toBe(0);
      expect((await check("bad")).exitCode).not.toBe(0);
    });

    test("run() names a program that does not exist", async () => {
      const ran = await it.machine.run(["no-such-program-here"]);
      expect(ran.exitCode).toBeNull();
      expect(ran.stderr).toContain("no-such-program-here");
    });

    test("journals.open() locks a journal for one process, and keeps its records until it is removed", async () => {
      const usersFile = inFolder("users.yaml");
      const open = async () => {
        const opened = await it.machine.journals.open(usersFile);
        if (!opened.ok) throw new Error(opened.error.code);
        return opened.value;
      };
      const first = await open();
      expect(first.records).toEqual([]);
      await first.append({ a: 1 });
      expect(await it.machine.journals.open(usersFile)).toMatchObject({ ok: false, error: { code: "busy" } });
      await first.close("keep");
      const second = await open();
      expect(second.records).toEqual([{ a: 1 }]);
      await second.close("remove");
      const path = it.machine.journals.pathOf(usersFile);
      expect(await it.machine.files.look(path)).toEqual({ ok: true, value: null });
    });
  });
};
