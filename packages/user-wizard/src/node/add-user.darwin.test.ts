import { describe, expect, test } from "vitest";
import type { Answers } from "../answers.ts";
import { makeFakeMachine } from "../testing/fake-machine.ts";
import { addUser } from "./add-user.ts";
import { countedMachine } from "./counted-machine.bed.ts";

// macOS as its own commands answer: `id -P`, `dscl /Search -list`. The machine is the fake that passes `describeMachine`.
const service = { name: "_gatehouse", uid: 400, gid: 400, home: "/var/empty" };
const ada = { name: "ada", uid: 501, gid: 20, home: "/Users/ada" };
const twin = { name: "twin", uid: 501, gid: 20, home: "/Users/twin" };
const usersText = "users:\n  - telegram_id: 1\n    name: Bob\n    os_user: bob\n";
const bob = { name: "bob", uid: 502, gid: 20, home: "/Users/bob" };

const makeMac = () => {
  const made = makeFakeMachine("darwin", [
    service,
    ada,
    twin,
    bob,
    { name: "root", uid: 0, gid: 0, home: "/var/root" },
  ]);
  for (const path of ["/Users", "/Users/ada"])
    made.disk.put(path, { kind: "directory", mode: 0o755, uid: 0, gid: 0 });
  made.disk.put("/data", { kind: "directory", mode: 0o711, uid: 400, gid: 400 });
  made.disk.put("/data/users.yaml", { kind: "file", mode: 0o600, uid: 400, gid: 400 }, usersText);
  return made;
};

const places = { usersFile: "/data/users.yaml", dataDir: "/data/users", service: "_gatehouse" };
const answers: Answers = { telegram_id: 7, name: "Ada", os_user: "ada" };

test("on macOS a person is added as on Linux", async () => {
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

describe("refused before anything is written", () => {
  test.for([
    { os_user: "nobody-here", code: "unknown-account" },
    { os_user: "_gatehouse", code: "account-is-service" },
    { os_user: "root", code: "account-is-root" },
    { os_user: "bob", code: "account-taken" },
  ])("$os_user: $code", async ({ os_user, code }) => {
    const { machine, disk } = makeMac();
    const before = disk.snapshot();
    const added = await addUser(machine, { places, answers: { ...answers, os_user } });
    expect(added).toMatchObject({ error: { code: "refused", refusals: [{ code }] } });
    expect(disk.snapshot()).toEqual(before);
  });

  test("the uid of another entry's account", async () => {
    const { machine, disk } = makeMac();
    disk.at("/data/users.yaml")!.text = usersText.replace("os_user: bob", "os_user: twin");
    const added = await addUser(machine, { places, answers });
    expect(added).toMatchObject({ error: { refusals: [{ code: "account-shared", other: "twin" }] } });
  });
});

/** Stands for a kill: nothing after it happens, and the lock is gone. */
class Killed extends Error {}

test("interrupted after any call, the next run ends it", async () => {
  const whole = makeMac();
  let calls = 0;
  await addUser(
    countedMachine(whole.machine, () => (calls += 1)),
    { places, answers },
  );
  expect(calls).toBeGreaterThan(25);
  for (let at = 1; at <= calls; at += 1) {
    const { machine, disk } = makeMac();
    let count = 0;
    const killed = countedMachine(machine, () => {
      count += 1;
      if (count === at) throw new Killed();
    });
    await expect(addUser(killed, { places, answers })).rejects.toBeInstanceOf(Killed);
    const next = makeFakeMachine("darwin", [service, ada, twin, bob]);
    for (const [path, { entry, text }] of disk.entries()) next.disk.put(path, entry, text);
    expect(await addUser(next.machine, { places, answers }), `call ${at}`).toMatchObject({ ok: true });
    expect(next.disk.snapshot(), `call ${at}`).toEqual(whole.disk.snapshot());
  }
});
