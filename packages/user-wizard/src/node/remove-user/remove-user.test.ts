import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { explain } from "../../user-messages.ts";
import type { Machine } from "../../ports.ts";
import { makeFakeMac } from "../machine/fake-machine.fixture.ts";
import { addUser } from "../add-user/add-user.ts";
import {
  chownTo,
  makeAccounts,
  makeRealHost,
  snapshot,
  uidOf,
  whyNoRealHost,
  type Accounts,
  type RealHost,
} from "../add-user/real-host.fixture.ts";
import { thisMachine } from "../machine/this-machine.ts";
import { prepareRemoval, removeUser, type RemoveRequest } from "./remove-user.ts";

const why = whyNoRealHost;
const rest = { tags: ["rest"] };
const usersText = "# people\nusers:\n- telegram_id: 1 # first\n  name: Bob\n# end\n";
let accounts: Accounts;
let host: RealHost;

beforeAll(() => {
  if (why === null) accounts = makeAccounts();
});
afterAll(() => {
  if (why === null) accounts.remove();
});

const at = (path: string): string => join(host.folder, path);
const removal = (over: Partial<RemoveRequest> = {}): RemoveRequest => ({
  places: host.places,
  who: { telegramId: 7 },
  ...over,
});

describe("removeUser on a real host", rest, () => {
  beforeEach(async ({ skip }) => {
    if (why !== null) skip(why);
    host = makeRealHost(accounts, usersText);
    expect(await addUser(thisMachine, host)).toMatchObject({ ok: true });
    writeFileSync(at("users/memory/7/notes"), "mine");
    chownTo(at("users/memory/7/notes"), host.ada);
  });
  afterEach(() => host.remove());

  test("calls beforeSudoEnds after the entry was removed and before the sudo rule is", async () => {
    const seen: unknown[] = [];
    const beforeSudoEnds = async () => {
      const text = readFileSync(host.places.usersFile, "utf8");
      seen.push([existsSync(at("sudoers.d/gatehouse-7")), text.includes("Ada")]);
    };
    expect(await removeUser(thisMachine, removal({ beforeSudoEnds }))).toMatchObject({ ok: true });
    expect(seen).toEqual([[true, false]]);
    expect(existsSync(at("sudoers.d/gatehouse-7"))).toBe(false);
  });

  test("removes the entry and the sudo rule, and keeps folders, account and home", async () => {
    const home = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((line) => line.startsWith(`${host.ada}:`));
    const folders = snapshot(at("users"));
    expect(existsSync(at("sudoers.d/gatehouse-7"))).toBe(true);
    const removed = await removeUser(thisMachine, removal());
    expect(removed).toMatchObject({
      ok: true,
      value: { status: "removed", recovered: null, folders: [at("users/memory/7"), at("users/history/7")] },
    });
    expect(readFileSync(host.places.usersFile, "utf8")).toBe(usersText);
    expect(snapshot(at("users"))).toEqual(folders);
    expect(existsSync(at("sudoers.d/gatehouse-7"))).toBe(false);
    expect(existsSync(thisMachine.journals.pathOf(host.places.usersFile))).toBe(false);
    expect(readFileSync("/etc/passwd", "utf8")).toContain(home);
    expect(existsSync(home!.split(":")[5]!)).toBe(true);
  });

  test("archives folders with their owner, mode and content, where only the service can enter", async () => {
    const removed = await removeUser(thisMachine, removal({ who: { name: "Ada" }, folders: "archive" }));
    if (!removed.ok || removed.value.status !== "removed") return expect.fail("not removed");
    const [memory = "", history = ""] = removed.value.folders;
    expect(memory).toMatch(new RegExp(`^${at("users/archive")}/7-\\d{8}T\\d{6}Z/memory$`));
    expect(statSync(memory)).toMatchObject({ uid: uidOf(host.ada), mode: 0o40700 });
    expect(statSync(history)).toMatchObject({ uid: uidOf(host.ada), mode: 0o40700 });
    expect(readFileSync(join(memory, "notes"), "utf8")).toBe("mine");
    expect(statSync(at("users/archive"))).toMatchObject({ uid: uidOf(host.service), mode: 0o40700 });
    expect(existsSync(at("users/memory/7"))).toBe(false);
    // A person who is added again starts with new folders.
    expect(await addUser(thisMachine, host)).toMatchObject({ value: { status: "added" } });
    expect(existsSync(at("users/memory/7/notes"))).toBe(false);
  });

  test("writes nothing for a preview, or if the review declines", async () => {
    const before = snapshot(host.folder);
    const prepared = await prepareRemoval(thisMachine, removal({ folders: "archive" }));
    expect(prepared).toMatchObject({ value: { plan: { user: { name: "Ada" } } } });
    const declined = await removeUser(thisMachine, removal({ review: async () => false }));
    expect(declined).toMatchObject({ value: { status: "declined" } });
    expect(snapshot(host.folder)).toEqual(before);
  });

  test("removes a user whose account or folders no longer exist", async () => {
    const text = readFileSync(host.places.usersFile, "utf8").replace(host.ada, "nobody-here");
    writeFileSync(host.places.usersFile, text);
    rmSync(at("sudoers.d/gatehouse-7"));
    rmSync(at("users"), { recursive: true });
    expect(await removeUser(thisMachine, removal({ folders: "archive" }))).toMatchObject({
      value: { status: "removed", folders: [] },
    });
    expect(readFileSync(host.places.usersFile, "utf8")).toBe(usersText);
  });

  test("adds and removes a person of Slack, with folders and a rule of that name", async () => {
    const before = snapshot(host.folder);
    const answers = { slack: "T1:U2", name: "Bo", os_user: host.bob };
    expect(await addUser(thisMachine, { ...host, answers })).toMatchObject({ value: { status: "added" } });
    const entry = `- slack: "T1:U2"\n  name: Bo\n  role: user\n  os_user: ${host.bob}\n`;
    expect(readFileSync(host.places.usersFile, "utf8")).toContain(entry);
    expect(readFileSync(at("sudoers.d/gatehouse-slack-T1-U2"), "utf8")).toMatch(
      /^# The agent of slack T1:U2 in users\.yaml\n/,
    );
    expect(existsSync(at("users/memory/slack-T1-U2/MEMORY.md"))).toBe(true);
    const who = { userId: "slack:T1:U2" };
    expect(await removeUser(thisMachine, removal({ who: { userId: "slack:T1:U3" } }))).toMatchObject({
      error: { refusals: [{ code: "unknown-user", asked: "slack:T1:U3" }] },
    });
    expect(await removeUser(thisMachine, removal({ who }))).toMatchObject({ value: { status: "removed" } });
    for (const folder of ["memory", "history"])
      rmSync(at(`users/${folder}/slack-T1-U2`), { recursive: true });
    rmSync(at("users.yaml.bak"));
    const after = snapshot(host.folder);
    expect(after).toEqual(Object.fromEntries(Object.entries(before).filter(([path]) => path in after)));
    expect(after["./users.yaml"]).toBe(before["./users.yaml"]);
  });

  const refused: readonly {
    readonly name: string;
    readonly code: string;
    readonly over?: Partial<RemoveRequest>;
    readonly spoil?: () => void;
  }[] = [
    { name: "an unknown name", code: "unknown-user", over: { who: { name: "ada" } } },
    { name: "a name that is a path", code: "unknown-user", over: { who: { name: "../../etc" } } },
    {
      name: "a name that two users have",
      code: "ambiguous-user",
      over: { who: { name: "Ada" } },
      spoil: () =>
        writeFileSync(
          host.places.usersFile,
          readFileSync(host.places.usersFile, "utf8").replace("name: Bob", "name: Ada"),
        ),
    },
    {
      name: "a link in the place of a person's folder",
      code: "symlink-refused",
      over: { folders: "archive" },
      spoil: () => {
        renameSync(at("users/memory/7"), at("elsewhere"));
        symlinkSync(at("elsewhere"), at("users/memory/7"));
      },
    },
    {
      name: "a link in the place of the archive",
      code: "symlink-refused",
      over: { folders: "archive" },
      spoil: () => symlinkSync("/etc", at("users/archive")),
    },
    {
      name: "a file in the place of the archive",
      code: "not-a-directory",
      over: { folders: "archive" },
      spoil: () => writeFileSync(at("users/archive"), ""),
    },
    {
      name: "a link in place of a parent folder",
      code: "symlink-refused",
      over: { folders: "archive" },
      spoil: () => {
        renameSync(at("users"), at("elsewhere"));
        symlinkSync(at("elsewhere"), at("users"));
      },
    },
    {
      name: "a changed sudo rule",
      code: "sudoers-differs",
      spoil: () => writeFileSync(at("sudoers.d/gatehouse-7"), "# mine\n"),
    },
    {
      name: "a file where the new users.yaml is written",
      code: "in-the-way",
      spoil: () => writeFileSync(at("users.yaml.new"), "mine"),
    },
  ];
  test.for(refused)("refuses $name, and changes nothing", async ({ code, over, spoil }) => {
    spoil?.();
    const before = snapshot(host.folder);
    const removed = await removeUser(thisMachine, removal(over));
    expect(removed).toMatchObject({ ok: false, error: { code: "refused", refusals: [{ code }] } });
    expect(removed.ok || explain(removed.error)).not.toContain("undefined");
    expect(snapshot(host.folder)).toEqual(before);
  });

  test("ignores a link in place of a folder that it keeps", async () => {
    rmSync(at("users/memory/7"), { recursive: true });
    symlinkSync("/etc", at("users/memory/7"));
    expect(await removeUser(thisMachine, removal())).toMatchObject({ value: { status: "removed" } });
    expect(existsSync("/etc/passwd")).toBe(true);
  });

  test("refuses a users.yaml that others may write", async () => {
    execFileSync("chmod", ["o+w", host.places.usersFile]);
    expect(await removeUser(thisMachine, removal())).toMatchObject({ error: { code: "users-file-unsafe" } });
  });

  /** This machine. `act` runs right before each rename. */
  const beforeRename = (act: (to: string) => void): Machine => ({
    ...thisMachine,
    files: {
      ...thisMachine.files,
      rename: (from, to) => {
        act(to);
        return thisMachine.files.rename(from, to);
      },
    },
  });

  test("undoes all if a link replaces a folder meanwhile, and writes nothing through it", async () => {
    const victim = at("victim");
    mkdirSync(victim);
    const before = snapshot(host.folder);
    const swapped = beforeRename((to) => {
      if (!to.endsWith("/history")) return;
      renameSync(at("users/history"), at("users/aside"));
      symlinkSync(victim, at("users/history"));
    });
    const removed = await removeUser(swapped, removal({ folders: "archive" }));
    expect(removed).toMatchObject({
      error: { code: "step-failed", undone: { outcome: "undone", left: [] } },
    });
    rmSync(at("users/history"));
    renameSync(at("users/aside"), at("users/history"));
    expect(snapshot(host.folder)).toEqual(before);
  });

  test("undoes all if users.yaml gets another entry meanwhile, and keeps that entry", async () => {
    const more = "- telegram_id: 9\n  name: Cy\n";
    const edited = beforeRename((to) => {
      if (to.endsWith("/memory"))
        execFileSync("sh", ["-c", `printf '%s' "${more}" >> ${host.places.usersFile}`]);
    });
    const removed = await removeUser(edited, removal({ folders: "archive" }));
    expect(removed).toMatchObject({
      error: { code: "step-failed", cause: { code: "users-file-changed" }, undone: { outcome: "undone" } },
    });
    expect(readFileSync(host.places.usersFile, "utf8")).toContain("Cy");
    expect(existsSync(at("users/memory/7/notes"))).toBe(true);
    expect(existsSync(at("sudoers.d/gatehouse-7"))).toBe(true);
    expect(existsSync(at("users/archive"))).toBe(false);
  });

  test("keeps a folder that was made in the old place meanwhile, and names the archive", async () => {
    const planted = beforeRename((to) => {
      if (to !== host.places.usersFile && to.endsWith("/history")) mkdirSync(at("users/memory/7"));
      if (to.endsWith("/history")) rmSync(at("users/history/7"), { recursive: true });
    });
    const removed = await removeUser(planted, removal({ folders: "archive" }));
    expect(removed).toMatchObject({ error: { code: "step-failed", undone: { outcome: "undone" } } });
    const left = removed.ok || removed.error.code !== "step-failed" ? [] : (removed.error.undone?.left ?? []);
    expect(left).toContainEqual(expect.stringMatching(/archive\/7-\w+\/memory$/) as unknown);
    expect(readFileSync(join(left[0]!, "notes"), "utf8")).toBe("mine");
  });
});

describe("removeUser", () => {
  const service = { name: "_gatehouse", uid: 400, gid: 400, home: "/var/empty" };
  const person = { name: "ada", uid: 501, gid: 20, home: "/Users/ada" };
  const text = "users:\n- telegram_id: 7\n  name: Ada\n  role: admin\n  os_user: ada\n";
  const places = { usersFile: "/data/users.yaml", dataDir: "/data/users", service: "_gatehouse" };

  const machineWith = () => {
    const { machine, disk } = makeFakeMac([service, person]);
    disk.put("/data", { kind: "directory", mode: 0o711, uid: 400, gid: 400 });
    disk.put("/data/users.yaml", { kind: "file", mode: 0o600, uid: 400, gid: 400 }, text);
    return { machine, disk };
  };

  test("warns about the last admin, and leaves an empty list after the last user", async () => {
    const { machine, disk } = machineWith();
    expect(await removeUser(machine, { places, who: { telegramId: 7 } })).toMatchObject({
      value: { status: "removed", warnings: [{ code: "no-admin" }] },
    });
    expect(disk.at("/data/users.yaml")?.text).toBe("users: []\n");
    expect(disk.at("/data/users.yaml.bak")?.text).toBe(text);
  });

  test("refuses to run without root", async () => {
    const { machine } = machineWith();
    expect(await removeUser({ ...machine, uid: 501 }, { places, who: { telegramId: 7 } })).toMatchObject({
      error: { code: "root-needed" },
    });
  });

  test("suggests the nearest name", async () => {
    const { machine } = machineWith();
    const removed = await removeUser(machine, { places, who: { name: "Adda" } });
    expect(removed.ok || explain(removed.error)).toBe(
      'There is no user "Adda" in users.yaml: did you mean Ada?',
    );
  });
});
