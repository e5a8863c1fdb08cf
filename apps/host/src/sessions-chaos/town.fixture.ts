import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { folderInMemory } from "@gatehouse/control-plane/testing";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { ResponseFrame } from "@nc/cli-scope";
import { expect, inject, onTestFinished } from "vitest";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";
import type { Chances } from "../chaos/random.fixture.ts";
import type { Disk } from "./disk.fixture.ts";
import { killGroup, runnersIn, watchRunners } from "./runners.fixture.ts";

/** A data folder with a real host. Each person talks to each group: a session for each pair. */
export type Town = {
  readonly dataDir: string;
  /** Where its central database is; null for a file in the data folder. */
  readonly database: PostgresAddress | null;
  readonly chatSocket: string;
  /** Names of groups, which are their folders too. */
  readonly groups: readonly string[];
  /** Ids of users; the first one is the owner. */
  readonly people: readonly string[];
  /** Asks as the operator. Null if the host was gone before it answered. */
  readonly ask: (command: string, args: object) => Promise<ResponseFrame | null>;
  /** kill -9 of the host, and a new one. Resolves when that one is ready. */
  readonly killHost: () => Promise<void>;
  /** kill -9 of a runner, with all that it started. False if none ran. */
  readonly killRunner: (chances: Chances) => boolean;
  /** The machine loses its power: all that no program had synced is gone, and so are the host and its runners. */
  readonly cutPower: () => Promise<void>;
  /** Ends the host as an operator does, and with it all runners. */
  readonly stop: () => Promise<void>;
  /** Sessions with two living runners at once, each time that it was seen. */
  readonly doubles: readonly string[];
};

/** Makes one of so many groups and people, and starts its host. */
export const openTown = async (size: {
  readonly groups: number;
  readonly people: number;
  readonly database?: PostgresAddress | null;
  /** Where the data folder is; by default in memory. */
  readonly disk?: Disk | null;
}): Promise<Town> => {
  const { database = null, disk = null } = size;
  const env = { GATEHOUSE_DATABASE: database?.url ?? "" };
  const dataDir = disk === null ? folderInMemory() : join(disk.path, "data");
  const groups = Array.from({ length: size.groups }, (_, index) => `group${index}`);
  const people = Array.from({ length: size.people }, (_, index) => `local:person${index}`);
  const [first = "", ...others] = groups;
  const [owner = ""] = people;
  const argv = ["init", "--name", first, "--folder", first, "--owner", owner, "--data", dataDir];
  const { status, stderr } = spawnSync(process.execPath, [inject("programs").gatehouse, ...argv], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  let host: HostProcess = spawnHost(dataDir, [], env);
  // A test that failed leaves them.
  onTestFinished(async () => {
    host.child.kill("SIGKILL");
    await host.ended;
    for (const { pid } of runnersIn(dataDir)) killGroup(pid);
  });
  await host.ready();
  const ask: Town["ask"] = (command, args) => askOnce(host.socket, { id: "1", command, args });
  const done = async (command: string, args: object): Promise<void> =>
    expect(await ask(command, args)).toMatchObject({ ok: true });
  for (const name of others) await done("groups-create", { name, folder: name });
  for (const id of people.slice(1)) await done("users-create", { id, kind: "local" });
  for (const id of groups) {
    await done("groups-config-update", { id, provider: "echo" });
    for (const user of people.slice(1)) await done("members-add", { group: id, user });
  }
  const begin = async (): Promise<void> => {
    host = spawnHost(dataDir, [], env);
    await host.ready();
  };
  return {
    ...{ dataDir, database, groups, people, ask, chatSocket: join(dataDir, "chat.sock") },
    doubles: watchRunners(dataDir),
    killHost: async () => {
      host.child.kill("SIGKILL");
      expect(await host.ended).toMatchObject({ signal: "SIGKILL", stderr: "" });
      await begin();
    },
    cutPower: async () => {
      const runners = runnersIn(dataDir).map(({ pid }) => pid);
      await disk?.cutPower([host.child.pid ?? 0, ...runners], async () => {
        host.child.kill("SIGKILL");
        await host.ended;
        // Those, too, that the host started meanwhile.
        for (const { pid } of runnersIn(dataDir)) killGroup(pid);
      });
      await begin();
    },
    killRunner: (chances) => {
      const runners = runnersIn(dataDir);
      const victim = runners[chances.below(runners.length)];
      if (victim !== undefined) killGroup(victim.pid);
      return victim !== undefined;
    },
    stop: async () => {
      host.child.kill("SIGTERM");
      expect(await host.ended).toMatchObject({ code: 143, stderr: "" });
      expect(runnersIn(dataDir)).toEqual([]);
    },
  };
};

const askOnce = (path: string, frame: object): Promise<ResponseFrame | null> =>
  new Promise((resolve) => {
    const socket = connect(path);
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.endsWith("\n")) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("connect", () => void socket.write(`${JSON.stringify(frame)}\n`));
    // An answer that the kill cut off is none.
    socket.on("close", () => resolve(text.endsWith("\n") ? (JSON.parse(text) as ResponseFrame) : null));
  });
