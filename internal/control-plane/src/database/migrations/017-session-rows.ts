import { createSessionTables } from "@nc/session-db/node";
import type { Migration } from "../migration.ts";

/** Messages of sessions, what agents keep, and the tokens of what runs. They were files of each session before. */
export const sessionRows: Migration = { version: 17, name: "session-rows", up: createSessionTables };
