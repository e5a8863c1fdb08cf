import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { ResponseFrame } from "@nc/cli-scope";
import { expect, inject, onTestFinished, vi } from "vitest";
import { spawnHost } from "../up/host.fixture.ts";
import { openDoors, untilOver, type DoorName, type Lines, type Talk } from "./doors.fixture.ts";
import { askOnce, startKilledHost } from "./killed-host.fixture.ts";
import { lineRows, messengerNames } from "./lines.fixture.ts";
import type { ChaosPlace } from "./places.fixture.ts";

/** A description of a world. Each person at a door talks with each group; on a messenger, with one group. */
export type WorldSize = {
  readonly hosts?: number;
  readonly groups: number;
  readonly people: Partial<Readonly<Record<DoorName, number>>>;
};

/** A running host of a world. */
type WorldHost = {
  readonly pid: number;
  readonly socket: string;
  readonly ready: () => Promise<unknown>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Its exit code or signal, and whether it printed or reported only what it should. */
  readonly ended: Promise<{ readonly by: number | string | null; readonly troubles: string }>;
};

/** Hosts of one database, groups that answer with echo, and people who talk with them. */
export type World = {
  readonly database: PostgresAddress | null;
  readonly place: ChaosPlace;
  /** The data folder of the first host. */
  readonly dataDir: string;
  readonly hostCount: number;
  /** The names of the groups, which are also their folders. */
  readonly groups: readonly string[];
  /** The owner is the first one. */
  readonly people: readonly string[];
  readonly talks: readonly Talk[];
  /** The messengers at whose doors people are. */
  readonly lines: Lines;
  /** Sends a command as the operator of a host. Resolves with null if it ended before it answered. */
  readonly ask: (command: string, args: object, at?: number) => Promise<ResponseFrame | null>;
  /** The number of messages whose answer, or the word that there is none, has reached their person. */
  readonly answered: () => Promise<number>;
  readonly until: (isSo: () => boolean | Promise<boolean>, everyMs?: number) => Promise<void>;
  /** Kills a host and starts it again. */
  readonly killHost: (at: number) => Promise<void>;
  /** Stops a host for a while, and lets it go on. */
  readonly pauseHost: (at: number, ms: number) => Promise<void>;
  readonly cutPower: () => Promise<void>;
  /** Ends the hosts as an operator does, and with them all agents. */
  readonly stop: () => Promise<void>;
  /** The ids of sessions with two running agents of one host, one entry each time that it was seen. */
  readonly doubles: readonly string[];
};

/** The longest wait for an answer or for rest, ms. */
const longestMs = 300_000;

/** Makes a world, and starts its hosts. */
export const openWorld = async (
  size: WorldSize,
  place: ChaosPlace,
  database: PostgresAddress | null,
): Promise<World> => {
  const { hosts: hostCount = 1 } = size;
  const { folders } = place;
  const [dataDir = ""] = folders;
  const groups = Array.from({ length: size.groups }, (_, index) => `group${index}`);
  const people = peopleOf(size.people);
  const [owner = "local:owner"] = people.filter((id) => id.startsWith("local:person"));
  const [first = ""] = groups;
  initialize(database, ["--name", first, "--folder", first, "--owner", owner, "--data", dataDir]);
  const lines = await openLines(size.people, folders);
  const begin = async (at: number): Promise<WorldHost> => {
    const isPlain = Object.keys(lines).length === 0 && size.people.console === undefined;
    const start = isPlain ? startProgram : startChild;
    const host = start({
      place,
      database,
      at,
      messengerRoots: Object.fromEntries(Object.entries(lines).map(([name, { root }]) => [name, root])),
    });
    // A failed test leaves its hosts running.
    onTestFinished(async () => {
      host.signal("SIGKILL");
      await host.ended;
    });
    await host.ready();
    return host;
  };
  onTestFinished(async () => {
    for (const folder of folders) await place.end(folder);
  });
  const hosts = await Promise.all(folders.map((_, at) => begin(at)));
  const ask: World["ask"] = (command, args, at = 0) => askOnce(hosts[at]?.socket ?? "", { command, args });
  const done = async (command: string, args: object): Promise<unknown> => {
    const frame = await ask(command, args);
    return frame?.ok === true ? frame.data : expect.fail(`${command}: ${JSON.stringify(frame)}`);
  };
  for (const name of groups.slice(1)) await done("groups-create", { name, folder: name });
  const others = people.filter((id) => id !== owner);
  for (const id of others) await done("users-create", { id, kind: id.replace(/:.*/, "") });
  for (const id of groups) {
    await done("groups-config-update", { id, provider: "echo" });
    for (const user of others) await done("members-add", { group: id, user });
  }
  const listed = (await done("groups-list", {})) as readonly { readonly id: string; readonly name: string }[];
  const idOf = (group: string): string => listed.find(({ name }) => name === group)?.id ?? "";
  const doors = openDoors({ folders, groups, people, ask, done, idOf, lines, database });
  await Promise.all(doors.talks.map(({ ready }) => ready));
  const end = async (at: number, signal: NodeJS.Signals, by: number | string): Promise<void> => {
    hosts[at]?.signal(signal);
    expect(await hosts[at]?.ended).toEqual({ by, troubles: "" });
  };
  const doubles = folders.map((folder) => watchAgents(place, folder));
  return {
    database,
    place,
    dataDir,
    hostCount,
    groups,
    people,
    lines,
    ask,
    talks: doors.talks,
    answered: async () => {
      await doors.refresh();
      return doors.talks.reduce((sum, talk) => sum + talk.answered(), 0);
    },
    until: (isSo, everyMs = 5) =>
      vi.waitFor(
        async () => {
          if (!(await isSo())) throw new Error(`Not within ${longestMs} ms.`);
        },
        { timeout: longestMs, interval: everyMs },
      ),
    killHost: async (at) => {
      await end(at, "SIGKILL", "SIGKILL");
      hosts[at] = await begin(at);
    },
    pauseHost: async (at, ms) => {
      hosts[at]?.signal("SIGSTOP");
      await pause(ms);
      hosts[at]?.signal("SIGCONT");
    },
    cutPower: async () => {
      const agents = async () => (await place.list(dataDir)).map(({ pid }) => pid);
      await place.cutPower?.([hosts[0]?.pid ?? 0, ...(await agents())], async () => {
        hosts[0]?.signal("SIGKILL");
        await hosts[0]?.ended;
        // The host may have started more agents meanwhile.
        await place.end(dataDir);
      });
      hosts[0] = await begin(0);
    },
    stop: async () => {
      for (const folder of folders) await place.isSettled?.(folder);
      await Promise.all(hosts.map((_, at) => end(at, "SIGTERM", 143)));
      for (const folder of folders) await place.isOver(folder);
    },
    get doubles() {
      return doubles.flat();
    },
  };
};

const openLines = async (people: WorldSize["people"], folders: readonly string[]): Promise<Lines> => {
  const there = messengerNames.filter((name) => people[name] !== undefined);
  const opened = there.map(async (name) => [name, await lineRows[name].open(folders)] as const);
  return Object.fromEntries(await Promise.all(opened));
};

const peopleOf = ({ local = 0, console: browsers = 0, ...others }: WorldSize["people"]) => [
  ...Array.from({ length: local }, (_, index) => `local:person${index}`),
  ...Array.from({ length: browsers }, (_, index) => `local:browser${index}`),
  ...messengerNames.flatMap((name) =>
    Array.from({ length: others[name] ?? 0 }, (_, index) => lineRows[name].personOf(index)),
  ),
];

const initialize = (database: PostgresAddress | null, argv: readonly string[]): void => {
  const { status, stderr } = spawnSync(process.execPath, [inject("programs").gatehouse, "init", ...argv], {
    encoding: "utf8",
    env: { ...process.env, GATEHOUSE_DATABASE: database?.url ?? "" },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
};

type Start = {
  readonly place: ChaosPlace;
  readonly database: PostgresAddress | null;
  readonly at: number;
  readonly messengerRoots: Readonly<Record<string, string>>;
};

/** Starts the real program. It must print only the notes of its place. */
const startProgram = ({ place, database, at }: Start): WorldHost => {
  const { flags = [], env = {}, within = [] } = place.up?.(at) ?? {};
  const all = { GATEHOUSE_DATABASE: database?.url ?? "", ...env };
  const { child, socket, ready, ended } = spawnHost(place.folders[at] ?? "", flags, all, within);
  return {
    pid: child.pid ?? 0,
    socket,
    ready,
    signal: (signal) => void child.kill(signal),
    ended: ended.then(({ code, signal: by, stderr }) => ({
      by: by ?? code,
      troubles: place.notes.test(stderr) ? "" : stderr,
    })),
  };
};

/** Starts a host that has more doors than `gatehouse up`. It must report no bug. */
const startChild = ({ place, database, at, messengerRoots }: Start): WorldHost => {
  const folder = place.folders[at] ?? "";
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const { child, ready, ended, bugs } = startKilledHost(inject("programs")["host-child"], folder, database, {
    console: { host: "127.0.0.1", port: 0 },
    messengerRoots,
  });
  return {
    pid: child.pid ?? 0,
    socket: join(folder, "ncl.sock"),
    ready: async () => expect({ isReady: await ready, bugs }).toEqual({ isReady: true, bugs: [] }),
    signal: (signal) => void child.kill(signal),
    ended: ended.then((by) => ({
      by: Number(by) || by,
      troubles: bugs.filter((bug) => !isOfStop(bug)).join("\n"),
    })),
  };
};

/** As in the invariant of logs: a bug is reported as text. */
const isOfStop = (bug: string): boolean => bug.includes("POSTGRES_AWAY");

/** The interval between two checks of the agents, ms. */
const everyMs = 200;

/**
 * Checks until the end of the test whether two running agents work on one session. Returns the list to which it adds
 * the ids of such sessions. An agent is recorded before its program starts, so each check first reads the records, and
 * then whether their processes run.
 */
const watchAgents = (place: ChaosPlace, dataDir: string): readonly string[] => {
  const [doubles, over] = [[] as string[], untilOver()];
  const watch = async (): Promise<void> => {
    while (!over.aborted) {
      const ids = (await place.list(dataDir)).map(({ sessionId }) => sessionId);
      doubles.push(...ids.filter((id, index) => ids.indexOf(id) !== index));
      await pause(everyMs);
    }
  };
  void watch();
  return doubles;
};
