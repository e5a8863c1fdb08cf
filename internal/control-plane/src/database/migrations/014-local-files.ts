import type { Migration } from "../migration.ts";

/** The files of local messages: their names and sizes as JSON, null where a message has none. */
export const localFiles: Migration = {
  version: 14,
  name: "local-files",
  up: async (db) => {
    await db.schema.alterTable("local_messages").addColumn("files", "text").execute();
  },
};
