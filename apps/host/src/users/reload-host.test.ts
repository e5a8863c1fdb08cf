import { chmodSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { askHost, hostHere, spawnHost } from "../up/host.fixture.ts";
import { hostSocketIn } from "@gatehouse/data-folder";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { logFileIn } from "@gatehouse/logs";
import { usersYaml } from "@gatehouse/people/testing";

const slow = { tags: ["slow"] };
const ana = { telegram_id: 5, name: "Ana" };
const ben = { telegram_id: 6, name: "Ben" };

/** A data folder with Ana in its users.yaml. */
const folderWithUsers = () => {
  const dataDir = tempFolder();
  const usersFile = join(dataDir, "users.yaml");
  writeFileSync(usersFile, usersYaml(ana), { mode: 0o600 });
  return { dataDir, write: (text: string) => writeFileSync(usersFile, text) };
};

/** Starts a host with Ana in this process. */
const started = async () => {
  const folder = folderWithUsers();
  return { ...folder, host: await hostHere(folder.dataDir) };
};

/** Starts it as a program, which gets signals. */
const spawned = async () => {
  const folder = folderWithUsers();
  const host = spawnHost(folder.dataDir);
  await host.ready();
  return { ...folder, host, pid: host.child.pid ?? 0 };
};

const users = async (socket: string): Promise<unknown> =>
  ((await askHost(socket, "users-list")) as { data: unknown }).data;

/** Makes a host read its users again by its own socket. Resolves with its answer. */
const reload = (dataDir: string): Promise<unknown> => askHost(hostSocketIn(dataDir), "reload");

/** The reloads in the log of a host, in order. */
const reloads = (dataDir: string) =>
  readFileSync(logFileIn(dataDir), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly event: string; readonly users?: number })
    .filter(({ event }) => event.startsWith("users-"));

describe("a running host", () => {
  test("reads users.yaml again by its socket, and answers with the report", async () => {
    const { dataDir, host, write } = await started();
    expect(await users(host.socket)).toMatchObject([{ id: "telegram:5", display_name: "Ana" }]);
    write(usersYaml(ana, ben));
    expect(await reload(dataDir)).toMatchObject({
      ok: true,
      data: { ok: true, number: 2, applied: [{ user: "telegram:6", change: "added" }] },
    });
    expect(await users(host.socket)).toHaveLength(2);
    expect(await host.stop()).toBe(true);
    expect(host.said()).toContain("applied: added telegram:6 (Ben)");
    expect(existsSync(hostSocketIn(dataDir))).toBe(false);
  });

  test("reads users.yaml again on SIGHUP, and goes on", slow, async () => {
    const { dataDir, host, write } = await spawned();
    write(usersYaml(ana, ben));
    host.child.kill("SIGHUP");
    await vi.waitFor(() => expect(reloads(dataDir)).toHaveLength(2));
    expect(await users(host.socket)).toHaveLength(2);
    expect(host.child.exitCode).toBeNull();
    host.child.kill("SIGTERM");
    expect((await host.ended).stderr).toContain("applied: added telegram:6 (Ben)");
  });

  test("keeps its users if the file is broken, and reports the line", async () => {
    const { dataDir, host, write } = await started();
    write(`${usersYaml(ben)}    nmae: x\n`);
    expect(await reload(dataDir)).toMatchObject({
      data: {
        ok: false,
        users: 1,
        applied: [],
        error: { message: expect.stringMatching(/4:5: nmae/) as unknown },
      },
    });
    expect(await users(host.socket)).toMatchObject([{ id: "telegram:5" }]);
    const log = readFileSync(logFileIn(dataDir), "utf8").trimEnd().split("\n");
    expect(log.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ event: "host-started" }),
      expect.objectContaining({ event: "users-reloaded", users: 1, applied: 1 }),
      expect.objectContaining({ event: "users-refused", code: "users-file-invalid", line: 4, column: 5 }),
    ]);
  });

  test("answers ncl users reload with its report, or with the reason why it kept its users", async () => {
    const { host, write } = await started();
    write(usersYaml(ana, ben));
    expect(await askHost(host.socket, "users-reload")).toMatchObject({
      ok: true,
      data: { users: 2, applied: [{ user: "telegram:6" }] },
      human: expect.stringContaining("applied: added telegram:6 (Ben)") as unknown,
    });
    write("users: [");
    expect(await askHost(host.socket, "users-reload")).toMatchObject({
      ok: false,
      error: {
        code: "handler-error",
        message: expect.stringContaining("2 users known before stay") as unknown,
      },
    });
  });

  test("carries out reloads one after the other, and the last one reads the last file", slow, async () => {
    const { dataDir, host, pid, write } = await spawned();
    write(usersYaml(ana, ben));
    const both = await Promise.all([reload(dataDir), reload(dataDir), askHost(host.socket, "users-reload")]);
    expect(both).toMatchObject([
      { data: { ok: true, users: 2 } },
      { data: { ok: true, users: 2 } },
      { ok: true, data: { users: 2 } },
    ]);
    write(usersYaml(ben));
    for (let times = 0; times < 20; times += 1) process.kill(pid, "SIGHUP");
    expect(await reload(dataDir)).toMatchObject({ data: { ok: true, users: 1 } });
  });

  test("survives a SIGHUP while it starts, and reloads once it is ready", slow, async () => {
    const dataDir = tempFolder();
    writeFileSync(join(dataDir, "users.yaml"), usersYaml(ana));
    const host = spawnHost(dataDir);
    await vi.waitFor(() => expect(existsSync(join(dataDir, "host.pid"))).toBe(true), {
      interval: 1,
    });
    host.child.kill("SIGHUP");
    await host.ready();
    await vi.waitFor(() => expect(reloads(dataDir)).toHaveLength(2));
    expect(reloads(dataDir)[1]).toMatchObject({ event: "users-reloaded", users: 1 });
  });

  test("starts without a users.yaml, and reads one that is made later", async () => {
    const dataDir = tempFolder();
    await hostHere(dataDir);
    expect(reloads(dataDir)).toMatchObject([{ event: "users-reloaded", users: 0 }]);
    writeFileSync(join(dataDir, "users.yaml"), usersYaml(ana));
    expect(await reload(dataDir)).toMatchObject({ data: { users: 1 } });
  });

  test("reads the file of --users-file, and starts with a report if it is broken", async () => {
    const [dataDir, elsewhere] = [tempFolder(), join(tempFolder(), "people.yaml")];
    writeFileSync(elsewhere, "users: [");
    const host = await hostHere(dataDir, { usersFile: elsewhere });
    writeFileSync(elsewhere, usersYaml(ana));
    expect(await reload(dataDir)).toMatchObject({ data: { ok: true, users: 1 } });
    expect(host.said()).toContain(`${elsewhere} was not accepted; the 0 users known before stay`);
  });

  test.for(["in the data folder", "of --users-file"])(
    "reads no users from a file %s that others may write: at its start, by signal and by command",
    async (where) => {
      const dataDir = tempFolder();
      const isNamed = where !== "in the data folder";
      const file = join(isNamed ? tempFolder() : dataDir, "users.yaml");
      writeFileSync(file, usersYaml(ana), { mode: 0o600 });
      chmodSync(file, 0o666);
      const host = await hostHere(dataDir, isNamed ? { usersFile: file } : {});
      const said = "users.yaml: writable by others (mode 0666)";
      expect(await users(host.socket)).toEqual([]);
      chmodSync(file, 0o600);
      expect(await reload(dataDir)).toMatchObject({ data: { users: 1 } });
      chmodSync(file, 0o666);
      writeFileSync(file, usersYaml({ ...ben, role: "admin" }));
      expect(await reload(dataDir)).toMatchObject({
        data: { ok: false, users: 1, applied: [], error: { code: "users-file-unsafe" } },
      });
      expect(await askHost(host.socket, "users-reload")).toMatchObject({
        ok: false,
        error: { message: expect.stringContaining(said) as unknown },
      });
      expect(await users(host.socket)).toMatchObject([{ id: "telegram:5" }]);
      expect(host.said()).toContain(`the 0 users known before stay:\n${file}: ${said.slice(12)}`);
    },
  );
});
