import { describe, expect, test } from "vitest";
import type { Answers } from "../../user/answers.ts";
import { makeFakeMac } from "../machine/fake-machine.fixture.ts";
import { addUser } from "./add-user.ts";
import { countedMachine } from "./counted-machine.fixture.ts";

// A fake Mac that answers `id -P` and `dscl /Search -list` as macOS does. The fake passes `describeMachine`.
const service = { name: "_gatehouse", uid: 400, gid: 400, home: "/var/empty" };
const ada = { name: "ada", uid: 501, gid: 20, home: "/Users/ada" };
const twin = { name: "twin", uid: 501, gid: 20, home: "/Users/twin" };
const usersText = "users:\n  - telegram_id: 1\n    name: Bob\n    os_user: bob\n";
const bob = { name: "bob", uid: 502, gid: 20, home: "/Users/bob" };

const makeMac = () => {
  const made = makeFakeMac([service, ada, twin, bob, { name: "root", uid: 0, gid: 0, home: "/var/root" }]);
  for (const path of ["/Users", "/Users/ada"])
    made.disk.put(path, { kind: "directory", mode: 0o755, uid: 0, gid: 0 });
  made.disk.put("/data", { kind: "directory", mode: 0o711, uid: 400, gid: 400 });
  made.disk.put("/data/users.yaml", { kind: "file", mode: 0o600, uid: 400, gid: 400 }, usersText);
  return made;
};

const places = { usersFile: "/data/users.yaml", dataDir: "/data/users", service: "_gatehouse" };
const answers: Answers = { telegram_id: 7, name: "Ada", os_user: "ada" };

test("addUser adds a user on macOS as on Linux", async () => {
  const { machine, disk } = makeMac();
  expect(await addUser(machine, { places, answers })).toMatchObject({ ok: true, value: { status: "added" } });
  expect(disk.at("/data/users/memory/7")!.entry).toEqual({
    kind: "directory",
    mode: 0o700,
    uid: 501,
    gid: 20,
  });
  expect(disk.at("/data/users/memory/7/MEMORY.md")!.entry).toEqual({
    kind: "file",
    mode: 0o600,
    uid: 501,
    gid: 20,
  });
  expect(disk.at("/data/users.yaml")!.text).toBe(
    `${usersText}  - telegram_id: 7\n    name: Ada\n    role: user\n    os_user: ada\n`,
  );
  expect(await addUser(machine, { places, answers })).toMatchObject({ value: { status: "nothing-to-do" } });
});

describe("addUser on macOS, before it writes anything", () => {
  test.for([
    { os_user: "nobody-here", code: "unknown-account" },
    { os_user: "_gatehouse", code: "account-is-service" },
    { os_user: "root", code: "account-is-root" },
    { os_user: "bob", code: "account-taken" },
  ])("refuses os_user $os_user with $code", async ({ os_user, code }) => {
    const { machine, disk } = makeMac();
    const before = disk.snapshot();
    const added = await addUser(machine, { places, answers: { ...answers, os_user } });
    expect(added).toMatchObject({ error: { code: "refused", refusals: [{ code }] } });
    expect(disk.snapshot()).toEqual(before);
  });

  test("refuses the uid of another entry's account", async () => {
    const { machine, disk } = makeMac();
    disk.at("/data/users.yaml")!.text = usersText.replace("os_user: bob", "os_user: twin");
    const added = await addUser(machine, { places, answers });
    expect(added).toMatchObject({ error: { refusals: [{ code: "account-shared", other: "twin" }] } });
  });
});

/** Simulates a kill: no code runs after it, and the lock is released. */
class Killed extends Error {}

type Mac = ReturnType<typeof makeMac>;

/** The same disk on a restarted machine: no lock is held. */
const restarted = ({ disk }: Mac): Mac => {
  const next = makeMac();
  for (const [path] of next.disk.entries()) next.disk.drop(path);
  for (const [path, { entry, text }] of disk.entries()) next.disk.put(path, entry, text);
  return next;
};

/** Runs addUser and kills it after `calls` changing calls. Returns false if it ended before that. */
const killedAfter = async (mac: Mac, calls: number, asked: Answers): Promise<boolean> => {
  let count = 0;
  const machine = countedMachine(mac.machine, () => {
    count += 1;
    if (count === calls) throw new Killed();
  });
  try {
    await addUser(machine, { places, answers: asked });
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
};

const refused: Answers = { ...answers, telegram_id: 8, os_user: "nobody-here" };

test(
  "addUser leaves all or nothing if it is killed after any call, and the next run after any call too",
  { tags: ["slow"] },
  async () => {
    const untouched = makeMac().disk.snapshot();
    const whole = makeMac();
    await addUser(whole.machine, { places, answers });
    const finished = whole.disk.snapshot();
    let ways = 0;
    for (let first = 1; await killedAfter(makeMac(), first, answers); first += 1)
      for (let second = 1, again = true; again; second += 1) {
        const mac = makeMac();
        await killedAfter(mac, first, answers);
        const next = restarted(mac);
        again = await killedAfter(next, second, refused);
        const last = restarted(next);
        const where = `call ${first}, then call ${second}`;
        expect(await addUser(last.machine, { places, answers: refused }), where).toMatchObject({ ok: false });
        expect([untouched, finished], where).toContainEqual(last.disk.snapshot());
        expect(await addUser(last.machine, { places, answers }), where).toMatchObject({ ok: true });
        expect(last.disk.snapshot(), where).toEqual(finished);
        ways += 1;
      }
    expect(ways).toBeGreaterThan(150);
  },
);
