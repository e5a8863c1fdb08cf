import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { hostsOnServer } from "@gatehouse/central-database/testing";
import { placeFacts } from "@gatehouse/places/facts";
import { ranCli, type RanCli } from "../ran-cli.fixture.ts";
import { askHost, hostHere, onlyFirstSteps, pidIn, spawnHost } from "./host.fixture.ts";
import { rawClient, tempFolder } from "@gatehouse/socket-server/testing";

const slow = { tags: ["slow"] };
const line = (frame: unknown): string => `${JSON.stringify(frame)}\n`;
/** The end of an `up` that starts no host, in this process. */
const refusedUp = (dataDir: string, ...args: readonly string[]): Promise<RanCli> =>
  ranCli({ dataDir }, "up", "--runtime", "process", "--data", dataDir, ...args);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("gatehouse up", () => {
  test(
    "makes its data folder, prints one line, and at its end leaves only its data and its log",
    slow,
    async () => {
      const dataDir = join(tempFolder(), "new", "data");
      const host = spawnHost(dataDir, ["--yes"]);
      await host.ready();
      expect(pidIn(dataDir)).toBe(host.child.pid);
      expect(modeOf(dataDir)).toBe(0o711);
      const file = hostsOnServer ? [] : ["gatehouse.db"];
      for (const name of ["ncl.sock", "host.pid", "host.lock", ...file])
        expect({ name, mode: modeOf(join(dataDir, name)) }).toEqual({ name, mode: 0o600 });
      expect(await askHost(host.socket, "groups-list")).toEqual({ id: "1", ok: true, data: [] });
      host.child.kill("SIGTERM");
      expect(await host.ended).toEqual({
        code: 143,
        signal: null,
        stdout: `ready ${join(dataDir, "ncl.sock")}\n`,
        stderr: onlyFirstSteps,
      });
      const kept = [
        "disk-reserve",
        "folder-id",
        "host.log",
        "log-head.json",
        "log.key",
        "mounts.json",
        "runtime.json",
        "succession.json",
      ];
      expect(readdirSync(dataDir).toSorted()).toEqual([...file, ...kept].toSorted());
    },
  );

  test("prints one document with --json, and exits with 130 on Ctrl-C", slow, async () => {
    const dataDir = tempFolder();
    const host = spawnHost(dataDir, ["--json"]);
    await host.ready();
    expect(JSON.parse(host.stdout())).toEqual({
      ok: true,
      state: "ready",
      data: dataDir,
      socket: host.socket,
      pid: host.child.pid,
    });
    host.child.kill("SIGINT");
    expect(await host.ended).toMatchObject({ code: 130, stderr: onlyFirstSteps });
  });

  test("ends at once on a second signal, also if a client has not read its answer", slow, async () => {
    const dataDir = tempFolder();
    const host = spawnHost(dataDir);
    await host.ready();
    // The answer is too large for the socket's buffer, so after the first signal the host waits for the client.
    for (const id of ["a", "b", "c", "d", "e", "f", "g", "h", "i"]) {
      const args = { id: `test:${id}`, kind: "test", display_name: "x".repeat(60_000) };
      expect(await askHost(host.socket, "users-create", args)).toMatchObject({ ok: true });
    }
    const client = rawClient(host.socket);
    client.socket.pause();
    client.say(line({ id: "1", command: "users-list", args: {} }));
    await vi.waitFor(() => expect(client.socket.bytesRead).toBeGreaterThan(0));
    host.child.kill("SIGTERM");
    await vi.waitFor(() => expect(existsSync(host.socket)).toBe(false));
    expect(pidIn(dataDir)).toBe(host.child.pid);
    host.child.kill("SIGTERM");
    expect(await host.ended).toMatchObject({ code: 143, stderr: onlyFirstSteps });
    expect(pidIn(dataDir)).toBeNull();
  });

  test("stops without an error if its data folder was removed", slow, async () => {
    const dataDir = join(tempFolder(), "data");
    const host = spawnHost(dataDir, ["--yes"]);
    await host.ready();
    rmSync(dataDir, { recursive: true });
    host.child.kill("SIGTERM");
    expect(await host.ended).toMatchObject({ code: 143, stderr: onlyFirstSteps });
  });

  test("refuses a second host on the data folder, names the first, and leaves it running", slow, async () => {
    const dataDir = tempFolder();
    const first = spawnHost(dataDir);
    await first.ready();
    const second = await spawnHost(dataDir, ["--json"]).ended;
    expect(second).toMatchObject({ code: 1, stderr: "" });
    const { error } = JSON.parse(second.stdout) as { error: { code: string; message: string; fix: string } };
    expect(error.code).toBe("host-running");
    expect(error.message).toContain(dataDir);
    expect(error.message).toContain(`pid ${first.child.pid} `);
    expect(error.fix).toContain("--data");
    expect(pidIn(dataDir)).toBe(first.child.pid);
    expect(await askHost(first.socket, "groups-list")).toMatchObject({ ok: true });
  });

  test("starts only one of two hosts that start at the same time", slow, async () => {
    const dataDir = tempFolder();
    const both = [spawnHost(dataDir), spawnHost(dataDir)];
    const refused = await Promise.race(both.map((host) => host.ended));
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("A host already runs in");
    const left = both.find(({ child }) => child.exitCode === null);
    await left?.ready();
    expect(await askHost(join(dataDir, "ncl.sock"), "groups-list")).toMatchObject({ ok: true });
  });

  test("starts again after a kill -9, with all committed rows", slow, async () => {
    const dataDir = tempFolder();
    const killed = spawnHost(dataDir);
    await killed.ready();
    expect(await askHost(killed.socket, "groups-create", { name: "Ada", folder: "ada" })).toMatchObject({
      ok: true,
    });
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(["host.lock", "host.pid", "ncl.sock"]));
    const next = spawnHost(dataDir);
    await next.ready();
    expect(await askHost(next.socket, "groups-list")).toMatchObject({
      data: [{ name: "Ada", folder: "ada" }],
    });
    expect(pidIn(dataDir)).toBe(next.child.pid);
  });

  test("serves 200 clients that write at the same time", async () => {
    const host = await hostHere(tempFolder());
    const names = Array.from({ length: 200 }, (_, index) => `g${index}`);
    const made = await Promise.all(
      names.map((name) => askHost(host.socket, "groups-create", { name, folder: name })),
    );
    for (const frame of made) expect(frame).toMatchObject({ ok: true, data: { generation: 1 } });
    const { data } = (await askHost(host.socket, "groups-list", { limit: "1000" })) as {
      data: { name: string }[];
    };
    expect(data.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  type Obstacle = { what: string; code: string; message: RegExp; make: (dataDir: string) => void };
  const obstacles: readonly Obstacle[] = [
    {
      what: "a file in the place of the socket",
      code: "not-a-socket",
      message: /ncl\.sock exists already and is not a socket/,
      make: (dataDir) => writeFileSync(join(dataDir, "ncl.sock"), "mine"),
    },
    {
      what: "a file that is not a database",
      code: "database-unusable",
      message: /gatehouse\.db cannot be used/,
      make: (dataDir) =>
        writeFileSync(join(dataDir, "gatehouse.db"), "no database, and long enough to be one".repeat(100)),
    },
    {
      what: "a folder in the place of the lock",
      code: "data-folder-unusable",
      message: /EISDIR/,
      make: (dataDir) => mkdirSync(join(dataDir, "host.lock")),
    },
  ];
  test.for(obstacles.filter(({ code }) => !hostsOnServer || code !== "database-unusable"))(
    "refuses $what, and leaves it unchanged",
    async ({ code, message, make }) => {
      const dataDir = tempFolder();
      make(dataDir);
      const before = readdirSync(dataDir);
      const ended = await refusedUp(dataDir, "--json");
      expect(ended).toMatchObject({ code: 1, stderr: "" });
      expect(JSON.parse(ended.stdout)).toMatchObject({
        ok: false,
        error: {
          code,
          message: expect.stringMatching(message) as unknown,
          fix: expect.any(String) as unknown,
        },
      });
      expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(before));
      for (const name of ["host.pid"]) expect(existsSync(join(dataDir, name))).toBe(false);
      if (code === "not-a-socket") expect(readFileSync(join(dataDir, "ncl.sock"), "utf8")).toBe("mine");
    },
  );

  test("refuses a missing data folder without --yes, since its path may be a mistake", async () => {
    const dataDir = join(tempFolder(), "no", "such");
    const ended = await refusedUp(dataDir);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain(`There is no data folder at ${dataDir}.`);
    expect(ended.stderr).toContain(`gatehouse init --data ${dataDir}`);
    expect(existsSync(dataDir)).toBe(false);
  });

  test("refuses a path that is too long for a socket, and makes nothing", async () => {
    const dataDir = join(tempFolder(), "x".repeat(100));
    const ended = await refusedUp(dataDir);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/at most 107\.\nfix: .*--data/);
    expect(existsSync(dataDir)).toBe(false);
  });

  test("refuses an unknown --runtime, and lists the known names", async () => {
    const dataDir = tempFolder();
    const names = ["auto", ...Object.keys(placeFacts)];
    expect(await ranCli({ dataDir }, "up", "--runtime", "nomad")).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: There is no runtime "nomad".\nfix: choose one of: ${names.join(", ")}\n`,
    });
    expect(readdirSync(dataDir)).toEqual([]);
  });
});
