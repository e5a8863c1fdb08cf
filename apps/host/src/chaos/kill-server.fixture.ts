import { existsSync } from "node:fs";
import process from "node:process";
import { expect, onTestFinished, vi } from "vitest";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { OwnServer, ServerProcess } from "@gatehouse/postgres/testing";
import type { Client } from "./clients.fixture.ts";
import { newJournal, type Journal } from "./journal.fixture.ts";
import { insidersOf, prepared, workOf } from "./kill-often.fixture.ts";
import { startKilledHost, type KilledHost } from "./killed-host.fixture.ts";
import { problemsIn } from "./problems.fixture.ts";
import type { Chances } from "./random.fixture.ts";
import { snapshotBeside, type Snapshot } from "./snapshot.fixture.ts";

/** Counts of events. A test needs a minimum of each. */
export type SeenKills = { refused: number; approved: number };

/** `seed` is the seed of `chances`, for the message of a failed test. */
type Killing = {
  readonly server: OwnServer;
  readonly database: PostgresAddress;
  readonly kills: number;
  readonly seed: number;
  readonly chances: Chances;
  readonly seen: SeenKills;
};

/** The moment at which a process of the server is killed: ms, or answers, after the clients began to write. */
type Kill = { readonly victim: ServerProcess; readonly after: "ms" | "answers"; readonly count: number };

/** The kinds of processes to kill, in turn. */
const victims = ["session", "postmaster", "session", "helper"] as const;

const killFrom = ({ below }: Chances, point: number): Kill => {
  const victim = victims[point % victims.length] ?? "postmaster";
  if (below(2) === 0) return { victim, after: "ms", count: below(120) };
  return { victim, after: "answers", count: 1 + below(40) };
};

/** One host, and the four clients that write through it. */
type HostUnderKills = Killing & {
  readonly dataDir: string;
  readonly host: KilledHost;
  readonly journal: Journal;
  readonly clients: readonly Omit<Client, "isGone" | "onAnswer">[];
};

/**
 * Kills a process of the server `kills` times while one host keeps running. After each kill the clients finish,
 * and the database is compared with the answers that they got.
 */
export const killServerOften = async (program: string, killing: Killing): Promise<void> => {
  const { database, kills, seed, chances, seen } = killing;
  const dataDir = await prepared(database);
  const host = startKilledHost(program, dataDir, database);
  onTestFinished(host.kill);
  expect(await host.ready).toBe(true);
  const journal = newJournal();
  let names = 0;
  const newName = (): string => `n${(names += 1)}`;
  const clients = ["a", "b", "c", "d"].map((name) => ({
    ...insidersOf(host),
    name,
    dataDir,
    chances,
    journal,
    newName,
    operator: host.connection(),
    own: [],
  }));
  const underKills: HostUnderKills = { ...killing, dataDir, host, journal, clients };
  let snapshot = await snapshotBeside(dataDir, database);
  for (let point = 1; point <= kills; point += 1) {
    const kill = killFrom(chances, point);
    await writeAndKill(underKills, kill, snapshot.approvals);
    snapshot = await snapshotBeside(dataDir, database);
    const problems = [...bugsOf(host), ...problemsIn(snapshot, journal)];
    expect({ seed, point, kill, problems }).toEqual({ seed, point, kill, problems: [] });
  }
  host.kill();
  expect(await host.ended).toBe("SIGKILL");
  seen.refused += journal.refused.length;
  seen.approved += journal.approved.size;
};

/** The host's bugs, without reports of background work that failed because the server was away. */
const bugsOf = ({ bugs }: KilledHost): readonly string[] =>
  bugs.filter((text) => !text.startsWith("POSTGRES_AWAY: "));

const writeAndKill = async (
  { server, chances, clients }: HostUnderKills,
  { victim, after, count }: Kill,
  approvals: Snapshot["approvals"],
): Promise<void> => {
  const waiting = approvals.filter(({ status }) => status === "pending");
  let [answers, isOver] = [0, false];
  let onAnswer = (): void => undefined;
  const due = new Promise<void>((resolve) => {
    if (after === "ms") setTimeout(resolve, count);
    else onAnswer = () => void ((answers += 1) === count && resolve());
  });
  const work = clients.map((client, index) =>
    workOf(
      { ...client, isGone: () => isOver, onAnswer: () => onAnswer() },
      waiting.filter((_, at) => at % clients.length === index),
    ),
  );
  await due;
  await killOne(server, victim, chances);
  isOver = true;
  await Promise.all(work);
};

/**
 * Kills one process of the server. Resolves once the server works again; if its parent process was not the victim,
 * the parent restarts all others by itself, and this may resolve a moment before that.
 */
const killOne = async (server: OwnServer, victim: ServerProcess, { below }: Chances): Promise<void> => {
  const draw = below(1_000);
  // After the last kill the host may have no session yet, and a listed process may have ended by itself.
  const others = await vi.waitFor(
    () => {
      const pids = server.processes(victim);
      const pid = pids[draw % pids.length] ?? expect.fail(`The server has no ${victim}.`);
      const running = [...server.processes("session"), ...server.processes("helper")];
      process.kill(pid, "SIGKILL");
      return running;
    },
    { interval: 2 },
  );
  // After a kill the parent ends all others, with all connections that were made before that. Without the parent,
  // no server starts while one of them still uses the shared memory.
  const isThere = (other: number): boolean => existsSync(`/proc/${other}`);
  await vi.waitFor(() => expect(others.filter(isThere)).toEqual([]), { interval: 5 });
  if (victim === "postmaster") await vi.waitFor(server.start, { interval: 20 });
};
