import type { Migration } from "../migration.ts";

/**
 * The people of users.yaml as the host last read it, so that it knows who was removed, also after a restart.
 */
export const fileUsers: Migration = {
  version: 4,
  name: "file-users",
  up: async (db) => {
    await db.schema
      .createTable("file_users")
      .addColumn("user_id", "text", (id) =>
        id.primaryKey().notNull().references("users.id").onDelete("cascade"),
      )
      .addColumn("entry", "text", (entry) => entry.notNull())
      .execute();
  },
};
