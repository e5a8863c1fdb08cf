import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow, at } from "@gatehouse/central-database/testing";
import { changeAllowList } from "@gatehouse/mounts";
import { allowAllMounts } from "@gatehouse/mounts/testing";
import { containerConfigStore } from "@nc/container-config/node";
import type { Cannot } from "@nc/container-runtime";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { describe, expect, test } from "vitest";
import {
  aboutSessions,
  fromAna,
  install,
  type SessionFixture,
  sessionFixture,
  until,
} from "../session.fixture.ts";

const ignore = { ok: true, value: null } as const;

const configsOf = ({ central }: SessionFixture) => containerConfigStore(central.db, { now: () => at });

/** A host whose containers run nothing, and the specification of the first one. */
const fixtureWithFake = async (cannot: Cannot = {}) => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install, cannot });
  const started = async () => {
    const host = await fixture.host({ runtime: fake.runtime, times: { wakeRetryMs: 60_000 } });
    await host.receive(fromAna("m-1", "hello"));
    // The first look at the settings, if it comes after a failed start, begins another.
    await until(() => expect([...fake.containers, ...fixture.happened("wake-failed")]).not.toEqual([]));
    return host;
  };
  return { fixture, fake, started, configs: configsOf(fixture) };
};

const addSkill = ({ dataDir }: SessionFixture, name: string): void => {
  const folder = join(dataDir, "skills", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "SKILL.md"), `---\ndescription: For ${name}.\n---\n`);
};

const instructionsOf = ({ dataDir }: SessionFixture, name: string, folder = "ana"): string =>
  readFileSync(join(dataDir, "groups", folder, name), "utf8");

describe("the instructions of a group", () => {
  test("instructions of a running session follow changes of scope, MCP servers, skills and provider at once", async () => {
    const { fixture, fake, started, configs } = await fixtureWithFake();
    for (const name of ["notes", "tides"]) addSkill(fixture, name);
    const host = await started();
    const text = (): string => instructionsOf(fixture, "CLAUDE.md");
    expect(text()).toMatch(/the admin CLI[^]*- notes: For notes\.\n- tides/i);
    const skills = (): readonly string[] =>
      [...(fake.containers[0]?.files().keys() ?? [])].filter((path) => path.startsWith("in/skills/"));
    expect(skills()).toEqual(["in/skills/notes/SKILL.md", "in/skills/tides/SKILL.md"]);

    await configs.updateScalars("ag-1", { cli_scope: "disabled" }, {});
    await configs.updateEntries("ag-1", "skills", () => ({ ...ignore, value: ["tides"] }), {});
    const rss = { command: "npx", instructions: "Ask `rss` for news." };
    await configs.updateEntries("ag-1", "mcp_servers", () => ({ ...ignore, value: { rss } }), {});
    await host.refresh();
    expect(text()).not.toMatch(/ncl|notes/);
    expect(text()).toMatch(/## MCP server: rss\n\nAsk `rss` for news\.[^]*- tides/);
    expect(skills()).toEqual(["in/skills/tides/SKILL.md"]);

    await configs.updateScalars("ag-1", { provider: "codex" }, {});
    await host.refresh();
    expect(instructionsOf(fixture, "AGENTS.md")).toContain("## MCP server: rss");
  });

  test("instructions follow the provider of the session if it differs from its group's", async () => {
    const { fixture, started } = await fixtureWithFake();
    const host = await started();
    await fixture.central.db.updateTable("sessions").set({ agent_provider: "gemini" }).execute();
    await host.refresh();
    expect(instructionsOf(fixture, "GEMINI.md")).toContain("ncl");
  });

  test("instructions follow the agent_backend of the session's person, with the model for that backend", async () => {
    const { fixture, started, fake, configs } = await fixtureWithFake();
    await configs.updateScalars("ag-1", { provider: "claude", model: "opus" }, {});
    const { db } = fixture.central;
    await addRow(db, "users", { id: "telegram:5" });
    const entry = JSON.stringify({ agent_backend: "codex", model: "gpt-2" });
    await addRow(db, "file_users", { user_id: "telegram:5", entry });
    await db.updateTable("messaging_groups").set({ user_id: "telegram:5" }).execute();
    await started();
    const json = JSON.parse(fake.containers[0]?.files().get("in/container.json") ?? "") as object;
    expect(json).toMatchObject({ provider: "codex", model: "gpt-2" });
    expect(instructionsOf(fixture, "AGENTS.md")).toContain("ncl");
  });

  test("instructions of an idle group are updated, after a kill by the next host", async () => {
    const { fixture, fake, configs } = await fixtureWithFake();
    await addRow(fixture.central.db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
    await configs.create("ag-2", { cli_scope: "disabled" });
    const stale = "# Bo\n<!-- gatehouse:begin -->\nAsk ncl.\n<!-- gatehouse:end -->\n";
    writeFileSync(join(fixture.dataDir, "groups", "bo", "CLAUDE.md"), stale);
    await fixture.host({ runtime: fake.runtime });
    await until(() => expect(instructionsOf(fixture, "CLAUDE.md", "bo")).not.toContain("ncl"));
    // The host makes no file in a folder without an earlier file of the host.
    expect(readdirSync(join(fixture.dataDir, "groups", "ana"))).toEqual([]);
  });

  test("a skill that this host does not have is logged, and the agent starts without it", async () => {
    const { fixture, fake, started, configs } = await fixtureWithFake();
    await configs.updateEntries("ag-1", "skills", () => ({ ...ignore, value: ["gone"] }), {});
    await started();
    expect(fixture.happened("skills-missing")).toMatchObject([{ skills: "gone" }]);
    expect(fake.containers).toHaveLength(1);
  });
});

/** A group with a mount of an existing folder. */
const withMount = async (readonly?: boolean) => {
  const it = await fixtureWithFake();
  const source = join(it.fixture.dataDir, "..", `shared-${it.fixture.dataDir.split("/").at(-1)}`);
  mkdirSync(source);
  allowAllMounts(it.fixture.dataDir);
  const mount = {
    hostPath: source,
    containerPath: "/workspace/extra/shared",
    ...(readonly === undefined ? {} : { readonly }),
  };
  await it.configs.updateEntries("ag-1", "additional_mounts", () => ({ ...ignore, value: [mount] }), {});
  return { ...it, source };
};

test("an agent finds ncl on its PATH even if the host has no PATH, and its skills in the folders of the CLIs", async () => {
  const fixture = await sessionFixture();
  addSkill(fixture, "notes");
  const host = await fixture.host();
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.texts()).toEqual(["hello"]));
  const folder = fixture.folderOf((await fixture.session()).id);
  const printed = execFileSync(join(folder, "in/bin/ncl"), ["--help"], { env: {}, encoding: "utf8" });
  expect(printed).toContain("ncl");
  for (const place of [".claude", ".agents"])
    expect(readdirSync(join(folder, "home", place, "skills"))).toEqual(["notes"]);
});

describe("fields without effect", () => {
  test("fields without effect are logged at each start, and are in container.json", async () => {
    const { fixture, started, fake, configs } = await fixtureWithFake({ pids: "It counts none." });
    await configs.updateScalars("ag-1", { model: "opus", pids: 64, cpus: 1 }, {});
    await started();
    expect(fixture.happened("not-applied")).toMatchObject([{ fields: "model, pids" }]);
    const json = JSON.parse(fake.containers[0]?.files().get("in/container.json") ?? "") as object;
    expect(json).toMatchObject({ notApplied: ["model", "pids"] });
  });

  test("a start without such fields logs nothing about them", async () => {
    const { fixture, started } = await fixtureWithFake();
    await started();
    expect(fixture.happened("not-applied")).toEqual([]);
  });
});

describe("the mounts of a group", () => {
  test("mounts reach the container exactly as they are saved, and are read-only by default", async () => {
    const { fake, started, source } = await withMount();
    await started();
    const target = "/workspace/extra/shared";
    expect(fake.containers[0]?.spec.mounts).toEqual([{ source, target, isReadOnly: true, isReal: true }]);
    rmSync(source, { recursive: true });
  });

  test("a start fails if the machine's list no longer allows a mount", async () => {
    const { fixture, fake, started, source } = await withMount();
    await changeAllowList(fixture.dataDir, (list) => ({ ...list, folders: [] }));
    await started();
    expect(fake.containers).toEqual([]);
    const reason = expect.stringContaining(`gatehouse mounts allow ${source}`) as unknown;
    expect(fixture.happened("wake-failed")[0]).toMatchObject({ reason });
    rmSync(source, { recursive: true });
  });

  test.for([
    { what: "is gone", spoil: () => undefined, says: /is not there \(ENOENT\)/ },
    {
      what: "has become a link",
      spoil: (source: string) => symlinkSync("/etc", source),
      says: /additional_mounts\.0\.hostPath/,
    },
  ])("a start fails with the reason if a mount $what", async ({ spoil, says }) => {
    const { fixture, fake, started, source } = await withMount();
    rmSync(source, { recursive: true });
    spoil(source);
    await started();
    expect(fake.containers).toEqual([]);
    expect(fixture.happened("wake-failed")[0]).toMatchObject({
      reason: expect.stringMatching(says) as unknown,
    });
    await until(() => expect(fixture.texts()).toEqual([expect.stringMatching(says)]));
    rmSync(source, { force: true });
  });

  test("mounts of a process keep the host's paths, which container.json names", async () => {
    const { fixture, source } = await withMount(false);
    const host = await fixture.host();
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toEqual(["hello"]));
    const { id } = await fixture.session();
    const file = join(fixture.folderOf(id), "in", "container.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      additionalMounts: [{ hostPath: source, containerPath: source, readonly: false }],
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(source, { recursive: true });
  });

  test("a process gets no read-only mounts, because it could still write to them, and the person is told", async () => {
    const { fixture, source } = await withMount();
    const host = await fixture.host({ times: { wakeRetryMs: 60_000 } });
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toHaveLength(1));
    expect(fixture.texts()[0]).toContain(
      `${source} is read-only, and a process cannot be kept from writing there`,
    );
    rmSync(source, { recursive: true });
  });
});

describe("an intent", () => {
  test("a wake reports the reason of this failed start, not of an earlier one", async () => {
    const fixture = await sessionFixture();
    const killed = { code: "killed", message: "SIGKILL ended the process." } as const;
    const { runtime } = fakeRuntime({ install, beforeSpawn: () => killed });
    const host = await fixture.host({ runtime, times: { wakeRetryMs: 600_000 } });
    await addRow(fixture.central.db, "sessions", { id: "se-1" });
    const failed = (why: string) => ({ ok: false, error: { message: `se-1 was not started: ${why}` } });
    const first = await host.handlers.wake(aboutSessions("se-1"), "in-1");
    expect(first).toMatchObject(failed("SIGKILL ended the process. It is tried again."));
    await fixture.central.db.updateTable("sessions").set({ status: "closed" }).execute();
    const second = await host.handlers.wake(aboutSessions("se-1"), "in-2");
    expect(second).toMatchObject(failed("another host now has it, or it is being closed."));
  });

  test("a wake starts a session without a message, or reports why it cannot start", async () => {
    const fixture = await sessionFixture();
    let isDown = true;
    const down = { code: "runtime-unavailable", message: "Nothing can be started now." } as const;
    const fake = fakeRuntime({ install, beforeSpawn: () => (isDown ? down : null) });
    const host = await fixture.host({ runtime: fake.runtime, times: { wakeRetryMs: 600_000 } });
    await addRow(fixture.central.db, "sessions", { id: "se-1" });
    expect(await host.handlers.wake(aboutSessions("se-1"), "in-1")).toEqual({
      ok: false,
      error: { code: "handler-error", message: "se-1 was not started: Nothing can be started now." },
    });
    isDown = false;
    const started = { ok: true, value: { data: { started: 1, running: 1 } } };
    expect(await host.handlers.wake(aboutSessions("se-1"), "in-2")).toEqual(started);
    const again = { ok: true, value: { data: { started: 0, running: 1 } } };
    expect(await host.handlers.wake(aboutSessions("se-1"), "in-2")).toEqual(again);
    expect(fake.containers).toHaveLength(1);
  });

  test("a rebuild without an image builder restarts with the newest generation, and reports that no image was built", async () => {
    const { fixture, fake, started, configs } = await fixtureWithFake();
    const host = await started();
    const { id } = await fixture.session();
    await configs.updateScalars("ag-1", { model: "opus" }, {});
    expect(await host.handlers.rebuild(aboutSessions(id), "in-1")).toEqual({
      ok: true,
      value: {
        data: { restarted: 1, rebuilt: false },
        warnings: [expect.stringContaining("it built no image") as unknown],
      },
    });
    await until(() => expect(fake.containers).toHaveLength(2));
    await until(async () => expect(await fixture.session()).toMatchObject({ config_generation: 3 }));
  });
});
