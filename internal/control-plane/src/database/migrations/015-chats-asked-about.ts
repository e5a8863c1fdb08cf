import { PostgresAdapter, sql, type Kysely } from "kysely";
import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/**
 * Questions about a chat that no group answers in: such an approval has neither a session nor a group. And who
 * said when that no agent is to answer in a chat. SQLite cannot make a column nullable, so the table is replaced.
 */
export const chatsAskedAbout: Migration = {
  version: 15,
  name: "chats-asked-about",
  replacesTable: true,
  up: async (db) => {
    const chats = db.schema.alterTable("messaging_groups");
    await chats.addColumn("refused_at", "text").execute();
    await chats.addColumn("refused_by", "text").execute();
    if (db.getExecutor().adapter instanceof PostgresAdapter) await alterTable(db);
    else await replaceTable(db);
  },
};

const alterTable = async (db: Kysely<unknown>): Promise<void> => {
  for (const column of ["session_id", "agent_group_id"])
    await db.schema
      .alterTable("pending_approvals")
      .alterColumn(column, (altered) => altered.dropNotNull())
      .execute();
};

const columns = [
  ...["approval_id", "session_id", "agent_group_id", "command", "args", "shown", "digest", "scope", "status"],
  ...["created_at", "expires_at", "answered_by", "answered_at", "result", "consequence", "kind"],
];

const replaceTable = async (db: Kysely<unknown>): Promise<void> => {
  await createTable(db);
  const list = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into pending_approvals_new (${list}) select ${list} from pending_approvals`.execute(db);
  await db.schema.dropTable("pending_approvals").execute();
  await db.schema.alterTable("pending_approvals_new").renameTo("pending_approvals").execute();
  await addIndex(db, "pending_approvals", ["session_id"]);
  await addIndex(db, "pending_approvals", ["agent_group_id", "status"]);
  await addIndex(db, "pending_approvals", ["status", "expires_at"]);
  await addIndex(db, "pending_approvals", ["answered_at"]);
};

const createTable = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("pending_approvals_new")
    .addColumn("approval_id", "text", (id) => id.primaryKey().notNull())
    .addColumn("session_id", "text", (id) => id.references("sessions.id").onDelete("cascade"))
    .addColumn("agent_group_id", "text", (id) => id.references("agent_groups.id").onDelete("cascade"))
    .addColumn("command", "text", (command) => command.notNull())
    .addColumn("args", "text", (args) => args.notNull())
    .addColumn("shown", "text", (shown) => shown.notNull())
    .addColumn("digest", "text", (digest) => digest.notNull())
    .addColumn("scope", "text", (scope) => scope.notNull())
    .addColumn("status", "text", (status) => status.notNull().defaultTo("pending"))
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("expires_at", "text", (at) => at.notNull())
    .addColumn("answered_by", "text")
    .addColumn("answered_at", "text")
    .addColumn("result", "text")
    .addColumn("consequence", "text")
    .addColumn("kind", "text", (kind) => kind.notNull().defaultTo("command"))
    .addCheckConstraint("pending_approvals_scope", oneOf("scope", ["disabled", "group", "global"]))
    .addCheckConstraint(
      "pending_approvals_status",
      oneOf("status", ["pending", "approved", "rejected", "expired", "failed"]),
    )
    .execute();
