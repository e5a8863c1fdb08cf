import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sql as raw } from "kysely";
import { openSqlite } from "@nc/container-config/node";
import { expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { centralFile } from "@gatehouse/central-database";
import { killHosts, nothingSeen } from "./commands.fixture.ts";
import { problemsIn } from "./problems.fixture.ts";
import { chancesFrom } from "./random.fixture.ts";
import { snapshotOf } from "./snapshot.fixture.ts";

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
    what: "a session with the same message twice",
    sql: "create table again as select * from session_messages_in where id like 'sm-outcome-%'; update again set id = id || 'again', seq = seq + 1000; insert into session_messages_in select * from again; drop table again",
    says: /"told":2/,
  },
  {
    what: "lost decisions",
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

test("problemsIn finds each kind of damage to a database or its folders", { tags: ["slow"] }, async () => {
  const killing = { database: null, kills: 3, chances: chancesFrom(7), seen: nothingSeen() };
  const { dataDir, journal } = await killHosts(killing);
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
});
