import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow, at } from "@gatehouse/control-plane/testing";
import { containerConfigStore } from "@nc/container-config/node";
import type { Cannot } from "@nc/container-runtime";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { describe, expect, test } from "vitest";
import { fromAna, install, sessionBed, until, type SessionBed } from "../session-bed.fixture.ts";

const ignore = { ok: true, value: null } as const;

const configsOf = ({ central }: SessionBed) => containerConfigStore(central.db, { now: () => at });

/** A host whose containers run nothing, and what the first of them is started with. */
const bedWithFake = async (cannot: Cannot = {}) => {
  const bed = await sessionBed();
  const fake = fakeRuntime({ install, cannot });
  const started = async () => {
    const host = await bed.host({ runtime: fake.runtime, times: { wakeRetryMs: 60_000 } });
    await host.take(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers.length + bed.happened("wake-failed").length).toBe(1));
    return host;
  };
  return { bed, fake, started, configs: configsOf(bed) };
};

const addSkill = ({ dataDir }: SessionBed, name: string): void => {
  const folder = join(dataDir, "skills", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "SKILL.md"), `---\ndescription: For ${name}.\n---\n`);
};

const instructionsOf = ({ dataDir }: SessionBed, name: string, folder = "ana"): string =>
  readFileSync(join(dataDir, "groups", folder, name), "utf8");

describe("the instructions of a group", () => {
  test("a change of scope, MCP servers, skills or provider is there at once for a session that runs", async () => {
    const { bed, fake, started, configs } = await bedWithFake();
    for (const name of ["notes", "tides"]) addSkill(bed, name);
    const host = await started();
    const text = (): string => instructionsOf(bed, "CLAUDE.md");
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
    expect(instructionsOf(bed, "AGENTS.md")).toContain("## MCP server: rss");
  });

  test("follow the provider that a session has instead of its group's", async () => {
    const { bed, started } = await bedWithFake();
    const host = await started();
    await bed.central.db.updateTable("sessions").set({ agent_provider: "gemini" }).execute();
    await host.refresh();
    expect(instructionsOf(bed, "GEMINI.md")).toContain("ncl");
  });

  test("follow the configuration alone, whatever the group's old column says", async () => {
    const { bed, started, fake, configs } = await bedWithFake();
    await configs.updateScalars("ag-1", { provider: null }, {});
    await bed.central.db.updateTable("agent_groups").set({ agent_provider: "codex" }).execute();
    await started();
    const json = JSON.parse(fake.containers[0]?.files().get("in/container.json") ?? "") as object;
    expect(json).toMatchObject({ provider: "claude" });
    expect(readdirSync(join(bed.dataDir, "groups", "ana"))).not.toContain("AGENTS.md");
  });

  test("of a group that nobody writes to now are mended too, by the next host if this one is killed", async () => {
    const { bed, fake, configs } = await bedWithFake();
    await addRow(bed.central.db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
    await configs.create("ag-2", { cli_scope: "disabled" });
    const stale = "# Bo\n<!-- gatehouse:begin -->\nAsk ncl.\n<!-- gatehouse:end -->\n";
    writeFileSync(join(bed.dataDir, "groups", "bo", "CLAUDE.md"), stale);
    await bed.host({ runtime: fake.runtime });
    await until(() => expect(instructionsOf(bed, "CLAUDE.md", "bo")).not.toContain("ncl"));
    // Where there is nothing of ours, nothing is made.
    expect(readdirSync(join(bed.dataDir, "groups", "ana"))).toEqual([]);
  });

  test("a skill that this host does not have is in the log, and the agent starts without it", async () => {
    const { bed, fake, started, configs } = await bedWithFake();
    await configs.updateEntries("ag-1", "skills", () => ({ ...ignore, value: ["gone"] }), {});
    await started();
    expect(bed.happened("skills-missing")).toMatchObject([{ skills: "gone" }]);
    expect(fake.containers).toHaveLength(1);
  });
});

/** A group with a mount of a folder that is there. */
const withMount = async (readonly?: boolean) => {
  const it = await bedWithFake();
  const source = join(it.bed.dataDir, "..", `shared-${it.bed.dataDir.split("/").at(-1)}`);
  mkdirSync(source);
  const mount = {
    hostPath: source,
    containerPath: "/workspace/extra/shared",
    ...(readonly === undefined ? {} : { readonly }),
  };
  await it.configs.updateEntries("ag-1", "additional_mounts", () => ({ ...ignore, value: [mount] }), {});
  return { ...it, source };
};

test("an agent finds ncl on its PATH, also where the host's own PATH has none, and its skills where CLIs look", async () => {
  const bed = await sessionBed();
  addSkill(bed, "notes");
  const host = await bed.host();
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.texts()).toEqual(["hello"]));
  const folder = bed.folderOf((await bed.session()).id);
  const printed = execFileSync(join(folder, "in/bin/ncl"), ["--help"], { env: {}, encoding: "utf8" });
  expect(printed).toContain("ncl");
  for (const place of [".claude", ".agents"])
    expect(readdirSync(join(folder, "home", place, "skills"))).toEqual(["notes"]);
});

describe("fields without effect", () => {
  test("are in the log of each start, and in its container.json", async () => {
    const { bed, started, fake, configs } = await bedWithFake({ pids: "It counts none." });
    await configs.updateScalars("ag-1", { model: "opus", pids: 64, cpus: 1 }, {});
    await started();
    expect(bed.happened("not-applied")).toMatchObject([{ fields: "model, pids" }]);
    const json = JSON.parse(fake.containers[0]?.files().get("in/container.json") ?? "") as object;
    expect(json).toMatchObject({ notApplied: ["model", "pids"] });
  });

  test("are not in the log where there is none", async () => {
    const { bed, started } = await bedWithFake();
    await started();
    expect(bed.happened("not-applied")).toEqual([]);
  });
});

describe("the mounts of a group", () => {
  test("reach the container exactly as they are saved, and are read-only unless they say otherwise (case 84)", async () => {
    const { fake, started, source } = await withMount();
    await started();
    const target = "/workspace/extra/shared";
    expect(fake.containers[0]?.spec.mounts).toEqual([{ source, target, isReadOnly: true }]);
    rmSync(source, { recursive: true });
  });

  test.for([
    { what: "is gone", spoil: () => undefined, says: /is not there \(ENOENT\)/ },
    {
      what: "is a link by now",
      spoil: (source: string) => symlinkSync("/etc", source),
      says: /additional_mounts\.0\.hostPath/,
    },
  ])("one that $what is a wake that fails with its reason (case 86)", async ({ spoil, says }) => {
    const { bed, fake, started, source } = await withMount();
    rmSync(source, { recursive: true });
    spoil(source);
    await started();
    expect(fake.containers).toEqual([]);
    expect(bed.happened("wake-failed")).toMatchObject([{ reason: expect.stringMatching(says) as unknown }]);
    await until(() => expect(bed.texts()).toEqual([expect.stringMatching(says)]));
    rmSync(source, { force: true });
  });

  test("of a process are where the host has them, and container.json says so", async () => {
    const { bed, source } = await withMount(false);
    const host = await bed.host();
    await host.take(fromAna("m-1", "hello"));
    await until(() => expect(bed.texts()).toEqual(["hello"]));
    const { id } = await bed.session();
    const file = join(bed.folderOf(id), "in", "container.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      additionalMounts: [{ hostPath: source, containerPath: source, readonly: false }],
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(source, { recursive: true });
  });

  test("a process cannot be kept from writing, so a read-only one is refused, and the person told", async () => {
    const { bed, source } = await withMount();
    const host = await bed.host({ times: { wakeRetryMs: 60_000 } });
    await host.take(fromAna("m-1", "hello"));
    await until(() => expect(bed.texts()).toHaveLength(1));
    expect(bed.texts()[0]).toContain(
      `only to read ${source}, and a process cannot be kept from writing there`,
    );
    rmSync(source, { recursive: true });
  });
});

describe("an intent", () => {
  const of = (id: string) => ({ sessionIds: [id], groupId: "ag-1", message: null, reason: "" });

  test("to wake says why it did not start this time, whatever an earlier start failed by", async () => {
    const bed = await sessionBed();
    const killed = { code: "killed", message: "SIGKILL ended the process." } as const;
    const { runtime } = fakeRuntime({ install, beforeSpawn: () => killed });
    const host = await bed.host({ runtime, times: { wakeRetryMs: 600_000 } });
    await addRow(bed.central.db, "sessions", { id: "se-1" });
    const failed = (why: string) => ({ ok: false, error: { message: `se-1 was not started: ${why}` } });
    const first = await host.carriers.wake(of("se-1"), "in-1");
    expect(first).toMatchObject(failed("SIGKILL ended the process. It is tried again."));
    await bed.central.db.updateTable("sessions").set({ status: "closed" }).execute();
    const second = await host.carriers.wake(of("se-1"), "in-2");
    expect(second).toMatchObject(failed("another host now has it, or it is being closed."));
  });

  test("to wake starts a session without a message, and says why it does not start", async () => {
    const bed = await sessionBed();
    let isDown = true;
    const down = { code: "runtime-unavailable", message: "Nothing can be started now." } as const;
    const fake = fakeRuntime({ install, beforeSpawn: () => (isDown ? down : null) });
    const host = await bed.host({ runtime: fake.runtime, times: { wakeRetryMs: 600_000 } });
    await addRow(bed.central.db, "sessions", { id: "se-1" });
    expect(await host.carriers.wake(of("se-1"), "in-1")).toEqual({
      ok: false,
      error: { code: "handler-error", message: "se-1 was not started: Nothing can be started now." },
    });
    isDown = false;
    const started = { ok: true, value: { data: { started: 1, running: 1 } } };
    expect(await host.carriers.wake(of("se-1"), "in-2")).toEqual(started);
    const again = { ok: true, value: { data: { started: 0, running: 1 } } };
    expect(await host.carriers.wake(of("se-1"), "in-2")).toEqual(again);
    expect(fake.containers).toHaveLength(1);
  });

  test("to rebuild restarts with the newest generation, and says that nothing was built (case 79)", async () => {
    const { bed, fake, started, configs } = await bedWithFake();
    const host = await started();
    const { id } = await bed.session();
    await configs.updateScalars("ag-1", { model: "opus" }, {});
    expect(await host.carriers.rebuild(of(id), "in-1")).toEqual({
      ok: true,
      value: {
        data: { restarted: 1, rebuilt: false },
        warnings: [expect.stringContaining("it built no image") as unknown],
      },
    });
    await until(() => expect(fake.containers).toHaveLength(2));
    await until(async () => expect(await bed.session()).toMatchObject({ config_generation: 2 }));
  });
});
