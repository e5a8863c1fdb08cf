import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { explain } from "../../user-messages.ts";
import { addUser } from "../add-user/add-user.ts";
import { countedMachine } from "../add-user/counted-machine.fixture.ts";
import {
  chownTo,
  makeAccounts,
  makeRealHost,
  whyNoRealHost,
  type Accounts,
  type RealHost,
} from "../add-user/real-host.fixture.ts";
import { checkUsers } from "../check-users/check-users.ts";
import { thisMachine } from "../machine/this-machine.ts";
import { removeUser } from "../remove-user/remove-user.ts";
import { journalPath } from "./open-run.ts";

const why = whyNoRealHost;
let accounts: Accounts;
let host: RealHost;

beforeAll(() => {
  if (why === null) accounts = makeAccounts();
});
afterAll(() => {
  if (why === null) accounts.remove();
});
beforeEach(async ({ skip }) => {
  if (why !== null) skip(why);
  host = makeRealHost(accounts);
  expect(await addUser(thisMachine, host)).toMatchObject({ ok: true });
});
afterEach(() => host.remove());

const journal = (of: RealHost = host): string => journalPath(of.places.usersFile);
const hidden = (): string => join(host.folder, "hidden");
const rule = (): string => join(host.folder, "sudoers.d/gatehouse-7");
const entries = (): string => readFileSync(host.places.usersFile, "utf8");

/** Adds Bo as root: the next run after the removal. */
const addBo = () =>
  addUser(thisMachine, { ...host, answers: { telegram_id: 8, name: "Bo", os_user: host.bob } });

const removeAda = (machine = thisMachine) =>
  removeUser(machine, { places: host.places, who: { telegramId: 7 } });

/** Renames a file, as the service account can do: it owns the folder. */
const move = (from: string, to: string): void => renameSync(from, to);

/** Removes Ada as root, and ends the process after this call. The journal stays as it is. */
const killedRemoval = async (after: string): Promise<void> => {
  const machine = countedMachine(thisMachine, (call) => {
    if (call === after) throw new Error("killed");
  });
  await expect(removeAda(machine)).rejects.toThrow("killed");
  expect(existsSync(journal())).toBe(true);
};

/** Writes this file's content as the journal, owned by root, as a restore from root's backup would. */
const restoredByRoot = (path: string): void => writeFileSync(journal(), readFileSync(path), { mode: 0o600 });

describe("a journal that comes back", () => {
  test("does not undo a removal that ended while it was away", async () => {
    const machine = countedMachine(thisMachine, (call) => {
      if (call === "append" && existsSync(journal())) move(journal(), hidden());
    });
    expect(await removeAda(machine)).toMatchObject({ ok: true, value: { status: "removed" } });
    expect(existsSync(rule())).toBe(false);
    move(hidden(), journal());
    writeFileSync(`${host.places.usersFile}.new`, "users: []\n");
    chownTo(`${host.places.usersFile}.new`, host.service);
    expect(await addBo()).toMatchObject({ ok: false, error: { refusals: [{ code: "in-the-way" }] } });
    expect(existsSync(rule())).toBe(false);
    expect(entries()).not.toContain("Ada");
  });

  test("is reported missing while it is away, and carried out when it is back", async () => {
    await killedRemoval("rename");
    move(journal(), hidden());
    const refused = await addBo();
    expect(refused).toMatchObject({ ok: false, error: { code: "journal-missing", path: journal() } });
    if (!refused.ok) expect(explain(refused.error)).toContain("Put it back");
    expect(existsSync(journal())).toBe(false);
    expect(await checkUsers(thisMachine, host.places)).toMatchObject({ value: { interrupted: true } });
    move(hidden(), journal());
    expect(await addBo()).toMatchObject({ value: { recovered: { outcome: "finished" } } });
    expect(existsSync(rule())).toBe(false);
    expect(entries()).toMatch(/Bo/);
  });

  const older: readonly { readonly name: string; readonly code: string; readonly plant: () => void }[] = [
    {
      name: "restored from root's backup",
      code: "journal-not-on-record",
      plant: () => restoredByRoot(hidden()),
    },
    {
      name: "copied by the service",
      code: "foreign-journal",
      plant: () => (restoredByRoot(hidden()), chownTo(journal(), host.service)),
    },
    {
      name: "edited by the service",
      code: "foreign-journal",
      plant: () => {
        const text = readFileSync(hidden(), "utf8").replace(/"record":"commit"/, '"record":"undo"');
        writeFileSync(journal(), text);
        chownTo(journal(), host.service);
      },
    },
  ];
  test.for(older)("is refused if its run has ended: $name", async ({ code, plant }) => {
    await killedRemoval("rename");
    writeFileSync(hidden(), readFileSync(journal()));
    expect(await addBo()).toMatchObject({ value: { recovered: { outcome: "finished" } } });
    plant();
    const before = entries();
    const refused = await removeUser(thisMachine, { places: host.places, who: { telegramId: 8 } });
    expect(refused).toMatchObject({ ok: false, error: { code, path: journal() } });
    expect([entries(), existsSync(rule())]).toEqual([before, false]);
  });

  test("is refused if it comes from another host", async () => {
    await killedRemoval("rename");
    const other = makeRealHost(accounts);
    move(journal(), journal(other));
    expect(await addUser(thisMachine, other)).toMatchObject({
      ok: false,
      error: { code: "journal-not-on-record", path: journal(other) },
    });
    move(journal(other), journal());
    other.remove();
    expect(await addBo()).toMatchObject({ ok: true });
  });
});
