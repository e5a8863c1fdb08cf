import { sql, type RawBuilder } from "kysely";

/** Changes by hand that no database may have, on both kinds of databases, and what is said of each. */
export const changes: readonly {
  readonly what: string;
  readonly change: RawBuilder<unknown>;
  readonly problem: string;
}[] = [
  {
    what: "a column more",
    change: sql`alter table users add column nickname text`,
    problem: "The column users.nickname is not one of Gatehouse's.",
  },
  {
    what: "a column less",
    change: sql`alter table users drop column display_name`,
    problem: "The column users.display_name is missing.",
  },
  {
    what: "a table more",
    change: sql`create table notes (text text)`,
    problem: "The table notes is not one of Gatehouse's.",
  },
  {
    what: "a table less",
    change: sql`drop table user_dms`,
    problem: "The table user_dms is missing.",
  },
  {
    what: "an index less",
    change: sql`drop index tasks_messaging_group_id`,
    problem:
      'The index tasks.tasks_messaging_group_id is missing: CREATE INDEX "tasks_messaging_group_id" on "tasks" ("messaging_group_id");',
  },
];

/** What an operator may have added: Gatehouse and its migrations leave it alone. */
export const additions: readonly RawBuilder<unknown>[] = [
  sql`create index users_by_name on users (display_name)`,
  sql`create view people as select id, display_name from users`,
];
