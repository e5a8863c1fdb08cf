// @module-tag rest
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { makeAccount, whyNoAccounts } from "../accounts.fixture.ts";
import {
  aboutSessions,
  attached,
  fromAna,
  install,
  type SessionFixture,
  sessionFixture,
  until,
} from "../session.fixture.ts";

const slow = { tags: ["slow"] };

/** Ana's data, whose chat is `ana`, after a reload of users.yaml. */
const setAccount = ({ central }: SessionFixture, account: string | null) =>
  central.db
    .insertInto("file_users")
    .values({ user_id: "local:ana", entry: JSON.stringify({ os_user: account }) })
    .onConflict((there) =>
      there.column("user_id").doUpdateSet(({ ref }) => ({ entry: ref("excluded.entry") })),
    )
    .execute();

test("a person's sessions run as that person's account, and other sessions do not", async () => {
  const fixture = await sessionFixture();
  await setAccount(fixture, "ada");
  await addRow(fixture.central.db, "users", { id: "local:bo", kind: "local" });
  await addRow(fixture.central.db, "agent_group_members", { user_id: "local:bo", agent_group_id: "ag-1" });
  await addRow(fixture.central.db, "messaging_groups", {
    id: "mg-bo",
    channel_type: "local",
    platform_id: "bo",
  });
  await addRow(fixture.central.db, "messaging_group_agents", { id: "wi-bo", messaging_group_id: "mg-bo" });
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime });
  await host.receive(fromAna("m-1", "hello"));
  await host.receive(fromAna("m-2", "hello", { platformId: "bo", userId: "local:bo" }));
  await until(() => expect(fake.containers).toHaveLength(2));
  const specs = fake.containers.map(({ spec }) => spec);
  const [ada, own] = ["ada", null].map((account) => specs.find((spec) => spec.account === account));
  expect(ada?.env["HOME"]).toBeUndefined();
  expect(own?.env["HOME"]).toBe(join(own?.env["GATEHOUSE_SESSION"] ?? "", "home"));
  // The account cannot enter the group's folder, so it gets its own folder with the same instructions.
  expect(own?.folder).toBe(join(fixture.dataDir, "groups", "ana"));
  expect(ada?.folder).toBe(join(ada?.env["GATEHOUSE_SESSION"] ?? "", "work"));
  const files = fake.containers.find(({ spec }) => spec === ada)?.files();
  expect(files?.get("work/CLAUDE.md")).toContain("ncl");
});

test("a person's session is told the path of their memory, but not of another person's and not of the group's folder", async () => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  const memory = join(fixture.dataDir, "users/memory/7");
  mkdirSync(memory, { recursive: true });
  const people = [
    { id: "slack:T1:U7", entry: { telegram_id: 7, slack: "T1:U7", os_user: "ada" } },
    { id: "telegram:8", entry: { telegram_id: 8, os_user: "bo" } },
  ];
  for (const { id, entry } of people) {
    await addRow(db, "users", { id, kind: "any" });
    await addRow(db, "agent_group_members", { user_id: id, agent_group_id: "ag-1" });
    await addRow(db, "file_users", { user_id: id, entry: JSON.stringify(entry) });
    await addRow(db, "messaging_groups", { id: `mg-${id}`, channel_type: "local", platform_id: id });
    await addRow(db, "messaging_group_agents", { id: `wi-${id}`, messaging_group_id: `mg-${id}` });
  }
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime });
  for (const { id: userId } of people)
    await host.receive(fromAna(`m-${userId}`, "hello", { platformId: userId, userId }));
  await until(() => expect(fake.containers).toHaveLength(2));
  const textFor = (account: string): string => {
    const container = fake.containers.find(({ spec }) => spec.account === account);
    return container?.files().get("work/CLAUDE.md") ?? "";
  };
  expect(textFor("ada")).toContain(`\`${join(memory, "MEMORY.md")}\``);
  expect(textFor("bo")).not.toContain("MEMORY.md");
  expect(readFileSync(join(fixture.dataDir, "groups/ana/CLAUDE.md"), "utf8")).not.toContain("MEMORY.md");
});

test(
  "a runner and its files belong to its person's account, and a change of os_user restarts it as the new one",
  slow,
  async ({ skip }) => {
    if (whyNoAccounts !== null) skip(whyNoAccounts);
    const fixture = await sessionFixture();
    chmodSync(fixture.dataDir, 0o711);
    const [ada, bo] = [makeAccount(), makeAccount()];
    await setAccount(fixture, ada.name);
    const host = await fixture.host();
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toEqual(["hello"]));
    const { id } = await fixture.session();
    const spoolOf = (account: string | null, uid: number): string =>
      join(account === null ? fixture.folderOf(id) : handedTo(account, id), "out", `spool-${uid}`);
    const leader = Number(fixture.happened("container-started")[0]?.["pid"]);
    expect(lstatSync(spoolOf(ada.name, ada.uid)).uid).toBe(ada.uid);
    expect(runnersOf(ada.uid)).toBe(1);
    expect(runnersOf(bo.uid)).toBe(0);

    for (const [account, uid] of [
      [bo.name, bo.uid],
      [null, userInfo().uid],
    ] as const) {
      await setAccount(fixture, account);
      await host.handlers.restart(aboutSessions(id), `in-${uid}`);
      await host.receive(fromAna(`m-${uid}`, `to ${uid}`));
      await until(() => expect(fixture.texts().at(-1)).toBe(`to ${uid}`));
      expect(lstatSync(spoolOf(account, uid)).uid).toBe(uid);
      await host.receive(fromAna(`f-${uid}`, "/files", { attachments: [attached("a", String(uid))] }));
      await until(() => expect(fixture.channel.files.get(`re-f-${uid}`)).toEqual({ a: String(uid) }));
      await until(() => expect(readdirSync(join(spoolOf(account, uid), "files"))).toEqual([]));
    }
    expect(fixture.texts()).toHaveLength(5);
    expect(existsSync(`/proc/${leader}`)).toBe(false);
    expect([runnersOf(ada.uid), runnersOf(bo.uid)]).toEqual([0, 0]);
    await host.close();
    expect(readdirSync(join(fixture.dataDir, "processes"))).toEqual([]);
  },
);

test(
  "another account can read none of an agent's input files, at its start and while it runs",
  slow,
  async ({ skip }) => {
    if (whyNoAccounts !== null) skip(whyNoAccounts);
    const fixture = await sessionFixture();
    chmodSync(fixture.dataDir, 0o711);
    const [ada, bo] = [makeAccount(), makeAccount()];
    await setAccount(fixture, ada.name);
    const skill = join(fixture.dataDir, "skills", "notes");
    mkdirSync(skill, { recursive: true });
    writeFileSync(join(skill, "SKILL.md"), "Keep notes.");
    const host = await fixture.host();
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toEqual(["hello"]));
    const { id } = await fixture.session();
    const folder = handedTo(ada.name, id);
    const asBo = (...command: readonly string[]) =>
      spawnSync("runuser", ["-u", bo.name, "--", ...command], { cwd: "/", encoding: "utf8" }).status;
    expect(readFileSync(join(folder, "in/skills/notes/SKILL.md"), "utf8")).toBe("Keep notes.");
    expect(readFileSync(join(folder, "work/CLAUDE.md"), "utf8")).toContain("notes");
    expect(JSON.parse(readFileSync(join(folder, "in/container.json"), "utf8"))).toMatchObject({
      groupName: "Ana",
    });
    expect(lstatSync(join(folder, "in/container.json")).uid).toBe(ada.uid);

    writeFileSync(join(skill, "SKILL.md"), "Keep better notes.");
    await host.refresh();
    expect(readFileSync(join(folder, "in/skills/notes/SKILL.md"), "utf8")).toBe("Keep better notes.");

    const paths = ["in/container.json", "in/skills/notes/SKILL.md", "work/CLAUDE.md", "work", "in/bin/ncl"];
    for (const path of paths) expect([path, asBo("test", "-r", join(folder, path))]).toEqual([path, 1]);
    expect(asBo("test", "-w", "/tmp")).toBe(0);
    expect(readableIn(join(fixture.dataDir, "sessions"))).toEqual([]);
    expect(existsSync(join(fixture.folderOf(id), "in/container.json"))).toBe(false);
  },
);

/** The folder of an account with the input files of its agents. */
const handedTo = (account: string, id: string): string => `/home/${account}/.gatehouse/agents/${id}`;

/** The files that another account could read if it knew their paths: those in folders that it may pass. */
const readableIn = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const { mode } = lstatSync(path);
    const isFolder = lstatSync(path).isDirectory();
    return [
      ...((mode & 0o004) === 0 ? [] : [path]),
      ...(isFolder && (mode & 0o001) !== 0 ? readableIn(path) : []),
    ];
  });

/** The Node processes of an account. */
const runnersOf = (uid: number): number =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const there = lstatSync(`/proc/${pid}`, { throwIfNoEntry: false });
      if (there?.uid !== uid || pid === String(process.pid)) return false;
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("agent-runner");
    }).length;
