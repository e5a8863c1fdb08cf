import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { containerConfigStore, openSqlite } from "@nc/container-config/node";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { at, temporaryFolder, addRow } from "@gatehouse/central-database/testing";
import { centralFile, openCentralAt } from "@gatehouse/central-database";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { OwnServer } from "@gatehouse/postgres/testing";
import { makeGroupFolder } from "@gatehouse/group-workspace";
import { approveTwice, people, team, writeOn, type Client } from "./clients.fixture.ts";
import { newJournal, type Journal } from "./journal.fixture.ts";
import { startKilledHost, type KilledHost } from "./killed-host.fixture.ts";
import { problemsIn, purging } from "./problems.fixture.ts";
import { chancesFrom, points, seed, type Chances } from "./random.fixture.ts";
import { newDatabase, whyNoDatabase, type DatabaseName } from "./scenario.fixture.ts";
import { snapshotBeside, snapshotOf, type Snapshot } from "./snapshot.fixture.ts";

/** Makes a data folder with a group, its session, an owner, and people. */
const prepared = async (database: PostgresAddress | null): Promise<string> => {
  const dataDir = temporaryFolder();
  const central = await openCentralAt({ dataDir, database });
  if (!central.ok) expect.fail(JSON.stringify(central.error));
  const { db, close } = central.value;
  await addRow(db, "agent_groups", { id: team.groupId, name: "Team", folder: "team" });
  await containerConfigStore(db, { now: () => at }).create(team.groupId);
  await makeGroupFolder(dataDir, "team");
  await addRow(db, "sessions", {
    id: team.sessionId,
    agent_group_id: team.groupId,
    messaging_group_id: null,
  });
  for (const id of [team.ownerId, ...people]) await addRow(db, "users", { id, kind: "test" });
  await addRow(db, "user_roles", { user_id: team.ownerId, role: "owner", agent_group_id: null });
  await close();
  return dataDir;
};

/** The moment of a kill: `count` is ms after the host's start, ms of writing, or a number of answers. */
type Moment = { readonly after: "start" | "ms" | "answers"; readonly count: number };

const momentIn = ({ below }: Chances): Moment => {
  const kind = below(10);
  if (kind === 0) return { after: "start", count: below(500) };
  return kind < 5 ? { after: "ms", count: below(200) } : { after: "answers", count: 1 + below(50) };
};

/** Counts of events. A test needs a minimum of each. */
export type Seen = { stale: number; waiting: number; approved: number; refused: number };

export const nothingSeen = (): Seen => ({ stale: 0, waiting: 0, approved: 0, refused: 0 });

type Killing = {
  /** Null for the database file in the data folder. */
  readonly database: PostgresAddress | null;
  readonly kills: number;
  readonly chances: Chances;
  readonly seen: Seen;
};

/** A data folder, and what its clients know. */
type Ground = Pick<Killing, "database" | "chances"> & {
  readonly dataDir: string;
  readonly journal: Journal;
  readonly newName: () => string;
};

const groundOf = async ({ database, chances }: Killing): Promise<Ground> => {
  let names = 0;
  const newName = (): string => `n${(names += 1)}`;
  return { database, chances, newName, dataDir: await prepared(database), journal: newJournal() };
};

const startOn = ({ dataDir, database }: Ground): KilledHost => {
  const host = startKilledHost(inject("programs")["host-child"], dataDir, database);
  onTestFinished(host.kill);
  return host;
};

type Writer = Omit<Client, "isGone" | "onAnswer">;

const writersOf = (host: KilledHost, ground: Ground): readonly Writer[] =>
  ["a", "b", "c", "d"].map((name) => ({
    ...ground,
    name,
    owner: host.insider({ user: team.ownerId }),
    agent: host.insider({ session: team.sessionId }),
    operator: host.connection(),
    own: [],
  }));

/** Lets the clients write until the moment, and kills. They first approve what waits since the last kill. */
const writeUntil = async (
  host: KilledHost,
  writers: readonly Writer[],
  { moment, last, kill }: { readonly moment: Moment; readonly last: Snapshot; readonly kill: () => unknown },
): Promise<void> => {
  const waiting = last.approvals.filter(({ status }) => status === "pending");
  let [answers, isOver] = [0, false];
  let isDue = (): void => {};
  const due = new Promise<void>((resolve) => (isDue = resolve));
  if (moment.after === "ms") setTimeout(isDue, moment.count);
  const onAnswer = (): void => {
    answers += 1;
    if (moment.after === "answers" && answers === moment.count) isDue();
  };
  const work = writers.map(async (writer, index) => {
    const client: Client = { ...writer, isGone: () => isOver, onAnswer };
    for (const approval of waiting.filter((_, number) => number % writers.length === index))
      await approveTwice(client, approval);
    await writeOn(client);
  });
  await Promise.race([due, host.ended]);
  await kill();
  isOver = true;
  await Promise.all(work);
};

/**
 * Starts and kills `kills` hosts on one data folder, one after the other, and checks after each what it left. Returns
 * the folder and the journal of all answers.
 */
export const killHosts = async (
  killing: Killing,
): Promise<{ readonly dataDir: string; readonly journal: Journal }> => {
  const { database, kills, chances, seen } = killing;
  const ground = await groundOf(killing);
  const { dataDir, journal } = ground;
  let snapshot = await snapshotOf(dataDir, database);
  for (let point = 1; point <= kills; point += 1) {
    const moment = momentIn(chances);
    const bugs = await live(ground, moment, snapshot);
    snapshot = await snapshotOf(dataDir, database);
    const refused = journal.refused.map((name) => `refused, since the server was away: ${name}`);
    const problems = [...bugs, ...refused, ...problemsIn(snapshot, journal)];
    expect({ seed, point, moment, problems }).toEqual({ seed, point, moment, problems: [] });
    if (existsSync(join(dataDir, "ncl.sock")) && existsSync(join(dataDir, "host.pid"))) seen.stale += 1;
    if (snapshot.approvals.some(({ status }) => status === "pending")) seen.waiting += 1;
  }
  seen.approved += journal.approved.size;
  return { dataDir, journal };
};

/** Runs one host from its start to its kill. Returns its problems. */
const live = async (ground: Ground, moment: Moment, last: Snapshot): Promise<readonly string[]> => {
  const { dataDir, database } = ground;
  const host = startOn(ground);
  if (moment.after === "start") setTimeout(host.kill, moment.count);
  const isReady = await host.ready;
  const isPurging = namesIn(join(dataDir, "groups", purging)).length > 0;
  if (isReady) {
    if (database === null) await lookInside(dataDir);
    await writeUntil(host, writersOf(host, ground), { moment, last, kill: host.kill });
  }
  const end = await host.ended;
  return [
    ...host.bugs,
    ...(end === "SIGKILL" ? [] : [`the host ended by itself: ${end}`]),
    ...(isReady || moment.after === "start" ? [] : ["the host did not start"]),
    ...(isReady && isPurging ? ["the host left what the last one was removing"] : []),
  ];
};

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Opens and closes the database while the host runs, as an operator does with a database shell. */
const lookInside = async (dataDir: string): Promise<void> => {
  const opened = await openSqlite(centralFile(dataDir));
  if (opened.ok) await opened.value.close();
};

/** The kinds of a server's processes to kill, in turn. */
const victims = ["session", "postmaster", "session", "helper"] as const;

/**
 * Kills a process of the database's server `kills` times while one host keeps running. After each kill the clients finish,
 * and the database is compared with the answers that they got.
 */
export const killServer = async (
  killing: Killing & { readonly database: PostgresAddress; readonly server: OwnServer },
): Promise<void> => {
  const { database, kills, chances, seen, server } = killing;
  const ground = await groundOf(killing);
  const { dataDir, journal } = ground;
  const host = startOn(ground);
  expect(await host.ready).toBe(true);
  const writers = writersOf(host, ground);
  let snapshot = await snapshotBeside(dataDir, database);
  for (let point = 1; point <= kills; point += 1) {
    const victim = victims[point % victims.length] ?? "postmaster";
    const moment: Moment =
      chances.below(2) === 0
        ? { after: "ms", count: chances.below(120) }
        : { after: "answers", count: 1 + chances.below(40) };
    await writeUntil(host, writers, {
      moment,
      last: snapshot,
      kill: () => killProcess(server, victim, chances),
    });
    snapshot = await snapshotBeside(dataDir, database);
    // Background work fails while the server is away.
    const bugs = host.bugs.filter((text) => !text.startsWith("POSTGRES_AWAY: "));
    const problems = [...bugs, ...problemsIn(snapshot, journal)];
    expect({ seed, point, victim, moment, problems }).toEqual({ seed, point, victim, moment, problems: [] });
  }
  host.kill();
  expect(await host.ended).toBe("SIGKILL");
  seen.refused += journal.refused.length;
  seen.approved += journal.approved.size;
};

/**
 * Kills one process of the server. Resolves once the server works again; if its parent process was not the victim,
 * the parent restarts all others by itself, and this may resolve a moment before that.
 */
const killProcess = async (
  server: OwnServer,
  victim: (typeof victims)[number],
  { below }: Chances,
): Promise<void> => {
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

/** The test that kills a host at `usual` points in a full run, while clients write commands. */
export const hostKillsTest = (on: DatabaseName, usual: number): void => {
  const kills = points ?? usual;
  const why = whyNoDatabase(on);
  const title = `${on}: kill -9 at ${kills} random points while four clients write (GATEHOUSE_SEED=${seed}): nothing half done, lost or done twice`;
  const options = { tags: ["slow"], timeout: 60_000 + kills * 10_000 };
  test.skipIf(why !== null)(why === null ? title : `${title} (skipped ${why})`, options, async () => {
    const [seen, chances] = [nothingSeen(), chancesFrom(seed)];
    for (let left = kills; left > 0; left -= killsOfFolder)
      await killHosts({
        database: await newDatabase(on),
        kills: Math.min(left, killsOfFolder),
        chances,
        seen,
      });
    // With fewer, too many kills happened while no command ran.
    expect(seen.stale).toBeGreaterThan(kills / 2);
    // Among ten kills, often none happens while an approval is pending.
    if (kills >= 50) expect(seen.waiting).toBeGreaterThan(0);
    expect(seen.approved).toBeGreaterThan(kills / 4);
  });
};

/**
 * Kills per data folder. The checks read everything in the folder, and a history keeps only 200 generations, which
 * about 20 kills make.
 */
const killsOfFolder = 10;
