import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readCentral, type CentralTables } from "@gatehouse/control-plane";
import type { Selectable } from "kysely";
import Libsql from "libsql";
import { expect } from "vitest";
import type { Town } from "./town.fixture.ts";

/** A message to an agent, in `inbound.db`. */
type InboundRow = {
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly status: string;
  readonly tries: number;
  readonly trigger: number;
  readonly wake_incarnation: number;
  readonly reason: string | null;
  readonly content: string;
};

/** A message of an agent, in `outbound.db`. */
type OutboundRow = {
  readonly id: string;
  readonly seq: number;
  readonly in_reply_to: string | null;
  readonly kind: string;
};

/** How a container ended with a message. */
type AckRow = { readonly message_id: string; readonly status: string; readonly incarnation: number };

/** What both files of one session say. */
export type SessionFiles = {
  readonly id: string;
  readonly inbound: readonly InboundRow[];
  readonly outbound: readonly OutboundRow[];
  readonly acks: readonly AckRow[];
  /** Files that were set aside. */
  readonly damaged: readonly string[];
};

/** The files of all sessions of a data folder. */
export const sessionFilesIn = (dataDir: string): readonly SessionFiles[] => {
  const root = join(dataDir, "sessions");
  // Beside the groups is the mark of who shares the folder.
  const groups = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return groups.flatMap(({ name: group }) =>
    readdirSync(join(root, group)).map((id) => filesOf(join(root, group, id), id)),
  );
};

const filesOf = (folder: string, id: string): SessionFiles => {
  const [inbound, outbound] = [join(folder, "in", "inbound.db"), join(folder, "out", "outbound.db")];
  return {
    id,
    inbound: rowsIn<InboundRow>(inbound, "select * from messages_in order by seq"),
    outbound: rowsIn<OutboundRow>(outbound, "select * from messages_out order by seq"),
    acks: rowsIn<AckRow>(outbound, "select * from processing_ack order by change"),
    damaged: ["in", "out"].flatMap((side) =>
      readdirSync(join(folder, side)).filter((name) => name.includes("damaged")),
    ),
  };
};

const rowsIn = <Row>(file: string, query: string): readonly Row[] => {
  if (!existsSync(file)) return [];
  const database = new Libsql(file, { timeout: 10_000 });
  try {
    return database.prepare(query).all() as readonly Row[];
  } finally {
    database.close();
  }
};

/** What the central database says of the run. */
export type CentralRows = {
  readonly lines: readonly Selectable<CentralTables["local_messages"]>[];
  readonly approvals: readonly Selectable<CentralTables["pending_approvals"]>[];
  readonly intents: readonly Selectable<CentralTables["intents"]>[];
  readonly notes: readonly Selectable<CentralTables["system_messages"]>[];
  readonly sessions: readonly Selectable<CentralTables["sessions"]>[];
  readonly leases: readonly Selectable<CentralTables["session_leases"]>[];
  readonly history: readonly Selectable<CentralTables["container_config_history"]>[];
};

export const centralRowsIn = async ({
  dataDir,
  database,
}: Pick<Town, "dataDir" | "database">): Promise<CentralRows> => {
  const read = await readCentral({ dataDir, database }, async (db) => ({
    lines: await db.selectFrom("local_messages").selectAll().orderBy("seq").execute(),
    approvals: await db.selectFrom("pending_approvals").selectAll().execute(),
    intents: await db.selectFrom("intents").selectAll().execute(),
    notes: await db.selectFrom("system_messages").selectAll().execute(),
    sessions: await db.selectFrom("sessions").selectAll().execute(),
    leases: await db.selectFrom("session_leases").selectAll().execute(),
    history: await db.selectFrom("container_config_history").selectAll().execute(),
  }));
  return read.ok && read.value !== null ? read.value : expect.fail("The central database cannot be read.");
};
