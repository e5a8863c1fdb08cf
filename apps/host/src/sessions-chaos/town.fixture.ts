import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { folderInMemory } from "@gatehouse/central-database/testing";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { ResponseFrame } from "@nc/cli-scope";
import { expect, inject, onTestFinished } from "vitest";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";
import type { Chances } from "../chaos/random.fixture.ts";
import type { Disk } from "./disk.fixture.ts";
import { killGroup, runnersIn } from "./runners.fixture.ts";
import { processWorkers, watchWorkers, type Worker, type Workers } from "./workers.fixture.ts";

/** A data folder with a real host. Each person talks to each group: a session for each pair. */
export type Town = {
  readonly dataDir: string;
  /** The address of its central database; null for a file in the data folder. */
  readonly database: PostgresAddress | null;
  readonly chatSocket: string;
  /** The names of the groups, which are also their folders. */
  readonly groups: readonly string[];
  /** The ids of the users; the first one is the owner. */
  readonly people: readonly string[];
  /** Sends a command as the operator. Resolves with null if the host ended before it answered. */
  readonly ask: (command: string, args: object) => Promise<ResponseFrame | null>;
  /** Kills the host and starts a new one. Resolves when the new one is ready. */
  readonly killHost: () => Promise<void>;
  /** Kills an agent, if one runs. */
  readonly killRunner: (chances: Chances) => Promise<void>;
  /** Kills what an engine watches an agent's container with. */
  readonly killMonitor: (chances: Chances) => Promise<void>;
  /** Kills the engine's service, and starts it again. */
  readonly killEngine: () => Promise<void>;
  /** Simulates a loss of power: all unsynced data is lost, and the host and its runners are ended. */
  readonly cutPower: () => Promise<void>;
  /** Ends the host with SIGTERM, as an operator does, and with it all runners. */
  readonly stop: () => Promise<void>;
  /** The ids of sessions with two running runners, one entry each time that it was seen. */
  readonly doubles: readonly string[];
};

/** Makes a town of so many groups and people, and starts its host. */
export const openTown = async (size: {
  readonly groups: number;
  readonly people: number;
  readonly database?: PostgresAddress | null;
  /** The disk for the data folder; by default it is in memory. */
  readonly disk?: Disk | null;
  /** What runs the agents; by default processes. */
  readonly workers?: Workers;
}): Promise<Town> => {
  const { database = null, disk = null, workers = processWorkers } = size;
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
  let host: HostProcess = spawnHost(dataDir, workers.upFlags, env);
  // A failed test leaves the host and runners running.
  onTestFinished(async () => {
    host.child.kill("SIGKILL");
    await host.ended;
    await workers.end(dataDir);
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
    host = spawnHost(dataDir, workers.upFlags, env);
    await host.ready();
  };
  const strike = async (chances: Chances, how: (worker: Worker) => void): Promise<void> => {
    const all = await workers.list(dataDir);
    const victim = all[chances.below(all.length)];
    if (victim !== undefined) how(victim);
  };
  return {
    dataDir,
    database,
    groups,
    people,
    ask,
    chatSocket: join(dataDir, "chat.sock"),
    doubles: watchWorkers(workers, dataDir),
    killHost: async () => {
      host.child.kill("SIGKILL");
      expect(await host.ended).toMatchObject({ signal: "SIGKILL", stderr: workers.notes });
      await begin();
    },
    cutPower: async () => {
      const runners = runnersIn(dataDir).map(({ pid }) => pid);
      await disk?.cutPower([host.child.pid ?? 0, ...runners], async () => {
        host.child.kill("SIGKILL");
        await host.ended;
        // The host may have started more runners meanwhile.
        for (const { pid } of runnersIn(dataDir)) killGroup(pid);
      });
      await begin();
    },
    killRunner: (chances) => strike(chances, workers.kill),
    killMonitor: (chances) => strike(chances, workers.killMonitor),
    killEngine: workers.killEngine,
    stop: async () => {
      await workers.isSettled(dataDir);
      host.child.kill("SIGTERM");
      expect(await host.ended).toMatchObject({ code: 143, stderr: workers.notes });
      await workers.isOver(dataDir);
    },
  };
};

/** Sends one frame. Resolves with null if the host ended before it answered. */
export const askOnce = (path: string, frame: object): Promise<ResponseFrame | null> =>
  new Promise((resolve) => {
    const socket = connect(path);
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.endsWith("\n")) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("connect", () => void socket.write(`${JSON.stringify(frame)}\n`));
    // The incomplete line of a killed host is not an answer.
    socket.on("close", () => resolve(text.endsWith("\n") ? (JSON.parse(text) as ResponseFrame) : null));
  });
