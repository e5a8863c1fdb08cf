import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { sql as raw } from "kysely";
import { containerConfigStore, openSqlite } from "@nc/container-config/node";
import { expect, onTestFinished, test } from "vitest";
import { at, temporaryFolder } from "../database/central.bed.ts";
import { centralFile, openCentral } from "../database/open-central.ts";
import { addRow } from "../database/sample-rows.bed.ts";
import { makeGroupFolder } from "../group-folder.ts";
import { bundleHost } from "./bundle-host.bed.ts";
import { approveTwice, people, team, writeOn, type Client } from "./clients.bed.ts";
import { newJournal, type Journal } from "./journal.bed.ts";
import { startKilledHost, type KilledHost } from "./killed-host.bed.ts";
import { problemsIn, purging } from "./problems.bed.ts";
import { chancesFrom, type Chances } from "./random.bed.ts";
import { snapshotOf, type Snapshot } from "./snapshot.bed.ts";

/** GATEHOUSE_CHAOS_POINTS says how often the host is killed, GATEHOUSE_CHAOS_SEED where. */
const numberIn = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const points = numberIn("GATEHOUSE_CHAOS_POINTS", 40);
const seed = numberIn("GATEHOUSE_CHAOS_SEED", Date.now() % 1_000_000);

/** A data folder with a group, its session, an owner, and people. */
const prepared = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const central = await openCentral(dataDir);
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

/** When the kill comes: so many ms after the start, so many ms after the host was ready, or after so many answers. */
type Kill = { readonly after: "start" | "ready" | "answers"; readonly count: number };

const killFrom = ({ below }: Chances): Kill => {
  const kind = below(10);
  if (kind === 0) return { after: "start", count: below(500) };
  return kind < 5 ? { after: "ready", count: below(200) } : { after: "answers", count: 1 + below(50) };
};

type Life = {
  readonly program: string;
  readonly dataDir: string;
  readonly chances: Chances;
  readonly journal: Journal;
  readonly newName: () => string;
  /** What the last host left waiting. */
  readonly waiting: readonly Snapshot["approvals"][number][];
};

/** One host from its start to its kill, with four who write. Gives what was wrong about it. */
const live = async (life: Life, { after, count }: Kill): Promise<readonly string[]> => {
  const { program, dataDir, chances, journal, newName, waiting } = life;
  const host = startKilledHost(program, dataDir);
  onTestFinished(host.kill);
  if (after === "start") setTimeout(host.kill, count);
  const isReady = await host.ready;
  const isPurging = existsSync(join(dataDir, "groups", purging));
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
    await lookInside(dataDir);
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

/** As an operator does with a database shell: it opens the database beside the host, and closes it. */
const lookInside = async (dataDir: string): Promise<void> => {
  const opened = await openSqlite(centralFile(dataDir));
  if (opened.ok) await opened.value.close();
};

const insidersOf = (host: KilledHost): Pick<Client, "owner" | "agent"> => ({
  owner: host.insider({ user: team.ownerId }),
  agent: host.insider({ session: team.sessionId }),
});

const workOf = async (client: Client, waiting: Snapshot["approvals"]): Promise<void> => {
  for (const approval of waiting) await approveTwice(client, approval);
  await writeOn(client);
};

/** What a test has seen, that has to have happened for it to say something. */
type Seen = { stale: number; waiting: number; approved: number };

/** So many kills of hosts on one data folder, which each takes as the last one left it. Gives the folder's end. */
const killOften = async (
  program: string,
  { kills, chances, seen }: { readonly kills: number; readonly chances: Chances; readonly seen: Seen },
): Promise<{ readonly dataDir: string; readonly journal: Journal }> => {
  const [dataDir, journal] = [await prepared(), newJournal()];
  let names = 0;
  const life = { program, dataDir, chances, journal, newName: () => `n${(names += 1)}` };
  let snapshot = await snapshotOf(dataDir);
  for (let point = 1; point <= kills; point += 1) {
    const kill = killFrom(chances);
    const waiting = snapshot.approvals.filter(({ status }) => status === "pending");
    const bugs = await live({ ...life, waiting }, kill);
    snapshot = await snapshotOf(dataDir);
    const problems = [...bugs, ...problemsIn(snapshot, journal)];
    expect({ seed, point, kill, problems }).toEqual({ seed, point, kill, problems: [] });
    if (existsSync(join(dataDir, "ncl.sock")) && existsSync(join(dataDir, "host.pid"))) seen.stale += 1;
    if (snapshot.approvals.some(({ status }) => status === "pending")) seen.waiting += 1;
  }
  seen.approved += journal.approved.size;
  return { dataDir, journal };
};

/** So many on one folder: the checks read all that was ever saved there. */
const killsOfFolder = 25;

test(
  `kill -9 at ${points} random points while four write (GATEHOUSE_CHAOS_SEED=${seed}): nothing half done, lost or done twice`,
  { tags: ["slow"], timeout: 60_000 + points * 10_000 },
  async () => {
    const program = bundleHost(temporaryFolder());
    const seen: Seen = { stale: 0, waiting: 0, approved: 0 };
    const chances = chancesFrom(seed);
    for (let left = points; left > 0; left -= killsOfFolder)
      await killOften(program, { kills: Math.min(left, killsOfFolder), chances, seen });
    // Otherwise the kills struck where nothing was under way, and the test has shown little.
    expect(seen.stale).toBeGreaterThan(points / 2);
    expect(seen.waiting).toBeGreaterThan(0);
    expect(seen.approved).toBeGreaterThan(points / 4);
  },
);

const breaks: readonly { readonly what: string; readonly sql: string; readonly says: RegExp }[] = [
  {
    what: "a group without a configuration",
    sql: "delete from container_configs where agent_group_id = 'ag-team'",
    says: /ag-team: a group without a configuration/,
  },
  {
    what: "a gap in the history",
    sql: "delete from container_config_history where agent_group_id = 'ag-team' and generation = 2",
    says: /ag-team: generation \d+, and a history of 1 3/,
  },
  {
    what: "a configuration that its history does not have",
    sql: "update container_configs set model = 'other' where agent_group_id = 'ag-team'",
    says: /not the newest of its history/,
  },
  {
    what: "two changes as one generation",
    sql: "update container_config_history set config = json_set(config, '$.pids', 7, '$.cpus', 3) where generation = 2",
    says: /generation 2 is [^01] changes/,
  },
  {
    what: "an answered change that is lost",
    sql: "update container_config_history set config = json_set(config, '$.model', 'x', '$.packages_apt', json('[]'), '$.mcp_servers', json('{}'))",
    says: /was saved as generation/,
  },
  {
    what: "a group that is gone",
    sql: "delete from agent_groups where id <> 'ag-team'",
    says: /it was made/,
  },
  {
    what: "a row whose group is gone",
    sql: "pragma foreign_keys = off; delete from agent_groups where id = 'ag-team'",
    says: /foreign_key_check/,
  },
  {
    what: "an approval that was run and waits",
    sql: "update pending_approvals set status = 'pending' where status = 'approved'",
    says: /is pending: .*"run":1/,
  },
  {
    what: "an approval that is approved and was not run",
    sql: "update pending_approvals set command = 'x', shown = '{\"apt\":\"never\"}' where status = 'approved'",
    says: /is approved: .*"run":0/,
  },
  {
    what: "a session that was told twice",
    sql: "insert into system_messages select id || 'again', session_id, content, created_at, null from system_messages",
    says: /"told":2/,
  },
  {
    what: "decisions that are lost",
    sql: "delete from decisions",
    says: /0 decisions for \d+ that were done/,
  },
];

const change = async (file: string, statements: string): Promise<void> => {
  const opened = await openSqlite(file);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  for (const statement of statements.split("; ")) await raw.raw(statement).execute(opened.value.db);
  await opened.value.close();
};

test(
  "what the kills are judged by finds whatever was done to a database or its folders",
  { tags: ["slow"], timeout: 120_000 },
  async () => {
    const program = bundleHost(temporaryFolder());
    const seen: Seen = { stale: 0, waiting: 0, approved: 0 };
    const { dataDir, journal } = await killOften(program, { kills: 3, chances: chancesFrom(7), seen });
    for (const { what, sql, says } of breaks) {
      const broken = join(temporaryFolder(), "data");
      cpSync(dataDir, broken, { recursive: true, filter: (path) => !path.endsWith(".sock") });
      await change(centralFile(broken), sql);
      const problems = problemsIn(await snapshotOf(broken), journal);
      expect({ what, problems }).toEqual({
        what,
        problems: expect.arrayContaining([expect.stringMatching(says)]),
      });
    }
    rmSync(join(dataDir, "groups", "team"), { recursive: true });
    mkdirSync(join(dataDir, "groups", "stray", "notes"), { recursive: true });
    expect(problemsIn(await snapshotOf(dataDir), journal)).toEqual([
      "team: a group without its folder",
      "stray: a folder of no group, with something in it",
    ]);
  },
);
