import type { Account } from "../../account/account.ts";
import type { JournalFile, Machine } from "../../ports.ts";
import { readUsers } from "../../users-file/read-users.ts";
import { FakeDisk, fakeFiles } from "./fake-disk.fixture.ts";
import { fakePrograms } from "./fake-programs.fixture.ts";

export type FakeMachine = { readonly machine: Machine; readonly disk: FakeDisk };

/** A Mac in memory, for tests of macOS and of failures. It passes `describeMachine`. */
export const makeFakeMac = (accounts: readonly Account[]): FakeMachine => {
  const disk = new FakeDisk();
  const files = fakeFiles(disk);
  const held = new Set<string>();
  const machine: Machine = {
    platform: "darwin",
    uid: 0,
    files,
    run: fakePrograms({ disk, accounts }),
    loadUsers: async (path) => {
      const text = await files.read(path);
      const read = text.ok ? readUsers(text.value.text) : null;
      return read?.ok === true ? read : { ok: false, error: { code: "users-file-unreadable" } };
    },
    journals: {
      pathOf: journalPath,
      open: async (usersFile) => {
        const path = journalPath(usersFile);
        if (held.has(path)) return { ok: false, error: { code: "busy", path } };
        held.add(path);
        if (disk.at(path) === undefined) disk.put(path, { kind: "file", mode: 0o600, uid: 0, gid: 0 });
        return { ok: true, value: fakeJournal(disk, path, held) };
      },
    },
  };
  return { machine, disk };
};

const journalPath = (usersFile: string): string => `/root/journals${usersFile}`;

const fakeJournal = (disk: FakeDisk, path: string, held: Set<string>): JournalFile => {
  const { entry, text } = disk.at(path)!;
  return {
    records: text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown])),
    append: async (record) => {
      disk.put(path, entry, `${disk.at(path)!.text}${JSON.stringify(record)}\n`);
      return { ok: true, value: undefined };
    },
    close: async (how) => {
      held.delete(path);
      if (how === "remove") disk.drop(path);
      return { ok: true, value: undefined };
    },
  };
};
