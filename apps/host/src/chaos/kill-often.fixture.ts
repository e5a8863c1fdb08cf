import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { containerConfigStore, openSqlite } from "@nc/container-config/node";
import { expect, onTestFinished } from "vitest";
import { at, temporaryFolder, addRow } from "@gatehouse/central-database/testing";
import { centralFile, openCentralAt } from "@gatehouse/central-database";
import type { PostgresAddress } from "@gatehouse/postgres";
import { makeGroupFolder } from "@gatehouse/group-workspace";
import { approveTwice, people, team, writeOn, type Client } from "./clients.fixture.ts";
import { newJournal, type Journal } from "./journal.fixture.ts";
import { startKilledHost, type KilledHost } from "./killed-host.fixture.ts";
import { problemsIn, purging } from "./problems.fixture.ts";
import type { Chances } from "./random.fixture.ts";
import { snapshotOf, type Snapshot } from "./snapshot.fixture.ts";

/** Makes a data folder with a group, its session, an owner, and people. */
export const prepared = async (database: PostgresAddress | null): Promise<string> => {
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

/** The moment of a kill: `count` is ms after the start, ms after the host was ready, or a number of answers. */
type Kill = { readonly after: "start" | "ready" | "answers"; readonly count: number };

const killFrom = ({ below }: Chances): Kill => {
  const kind = below(10);
  if (kind === 0) return { after: "start", count: below(500) };
  return kind < 5 ? { after: "ready", count: below(200) } : { after: "answers", count: 1 + below(50) };
};

type Life = {
  readonly program: string;
  readonly dataDir: string;
  readonly database: PostgresAddress | null;
  readonly chances: Chances;
  readonly journal: Journal;
  readonly newName: () => string;
  /** The approvals that were pending when the last host was killed. */
  readonly waiting: readonly Snapshot["approvals"][number][];
};

/** Runs one host with four writing clients, from its start to its kill. Returns its problems. */
const live = async (life: Life, { after, count }: Kill): Promise<readonly string[]> => {
  const { program, dataDir, database, chances, journal, newName, waiting } = life;
  const host = startKilledHost(program, dataDir, database);
  onTestFinished(host.kill);
  if (after === "start") setTimeout(host.kill, count);
  const isReady = await host.ready;
  const isPurging = namesIn(join(dataDir, "groups", purging)).length > 0;
  if (isReady) {
    if (after === "ready") setTimeout(host.kill, count);
    let answers = 0;
    let isGone = false;
    void host.ended.then(() => (isGone = true));
    const onAnswer = (): void => {
      answers += 1;
      if (after === "answers" && answers === count) host.kill();
    };
    const clients = ["a", "b", "c", "d"].map((name) => ({
      ...insidersOf(host),
      name,
      dataDir,
      operator: host.connection(),
      chances,
      journal,
      own: [],
      newName,
      isGone: () => isGone,
      onAnswer,
    }));
    if (database === null) await lookInside(dataDir);
    await Promise.all(
      clients.map((client, index) =>
        workOf(
          client,
          waiting.filter((_, at) => at % 4 === index),
        ),
      ),
    );
  }
  const end = await host.ended;
  return [
    ...host.bugs,
    ...(end === "SIGKILL" ? [] : [`the host ended by itself: ${end}`]),
    ...(isReady || after === "start" ? [] : ["the host did not start"]),
    ...(isReady && isPurging ? ["the host left what the last one was removing"] : []),
  ];
};

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Opens and closes the database while the host runs, as an operator does with a database shell. */
const lookInside = async (dataDir: string): Promise<void> => {
  const opened = await openSqlite(centralFile(dataDir));
  if (opened.ok) await opened.value.close();
};

export const insidersOf = (host: KilledHost): Pick<Client, "owner" | "agent"> => ({
  owner: host.insider({ user: team.ownerId }),
  agent: host.insider({ session: team.sessionId }),
});

export const workOf = async (client: Client, waiting: Snapshot["approvals"]): Promise<void> => {
  for (const approval of waiting) await approveTwice(client, approval);
  await writeOn(client);
};

/** Counts of events. A test needs a minimum of each. */
export type Seen = { stale: number; waiting: number; approved: number };

/** `seed` is the seed of `chances`, for the message of a failed test. */
type Killing = {
  /** Null for the database file in the data folder. */
  readonly database: PostgresAddress | null;
  readonly kills: number;
  readonly seed: number;
  readonly chances: Chances;
  readonly seen: Seen;
};

/**
 * Starts and kills `kills` hosts on one data folder, one after the other, and checks the folder after each. Returns
 * the folder and the journal of all answers.
 */
export const killOften = async (
  program: string,
  { database, kills, seed, chances, seen }: Killing,
): Promise<{ readonly dataDir: string; readonly journal: Journal }> => {
  const [dataDir, journal] = [await prepared(database), newJournal()];
  let names = 0;
  const life = { program, dataDir, database, chances, journal, newName: () => `n${(names += 1)}` };
  let snapshot = await snapshotOf(dataDir, database);
  for (let point = 1; point <= kills; point += 1) {
    const kill = killFrom(chances);
    const waiting = snapshot.approvals.filter(({ status }) => status === "pending");
    const bugs = await live({ ...life, waiting }, kill);
    snapshot = await snapshotOf(dataDir, database);
    const refused = journal.refused.map((name) => `refused, since the server was away: ${name}`);
    const problems = [...bugs, ...refused, ...problemsIn(snapshot, journal)];
    expect({ seed, point, kill, problems }).toEqual({ seed, point, kill, problems: [] });
    if (existsSync(join(dataDir, "ncl.sock")) && existsSync(join(dataDir, "host.pid"))) seen.stale += 1;
    if (snapshot.approvals.some(({ status }) => status === "pending")) seen.waiting += 1;
  }
  seen.approved += journal.approved.size;
  return { dataDir, journal };
};
