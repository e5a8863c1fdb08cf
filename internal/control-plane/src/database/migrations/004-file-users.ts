import type { Migration } from "../migration.ts";

/** Who comes from users.yaml, as the file said it last: so that a host knows whom it has lost, also after a restart. */
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
