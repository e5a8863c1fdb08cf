import { readCentral, type CentralTables } from "@gatehouse/central-database";
import type { Kysely, Selectable } from "kysely";
import { expect } from "vitest";
import type { Town } from "./town.fixture.ts";

type InboundRow = Selectable<CentralTables["session_messages_in"]>;
type OutboundRow = Selectable<CentralTables["session_messages_out"]>;

/** The message rows of one session. */
export type SessionRows = {
  readonly id: string;
  readonly inbound: readonly InboundRow[];
  readonly outbound: readonly OutboundRow[];
};

/** The rows of all sessions of a town. */
export const sessionRowsIn = ({ dataDir, database }: Place): Promise<readonly SessionRows[]> =>
  readIn({ dataDir, database }, async (db) => {
    const ids = await db.selectFrom("session_transport").select("session_id").execute();
    const inbound = await db.selectFrom("session_messages_in").selectAll().orderBy("seq").execute();
    const outbound = await db.selectFrom("session_messages_out").selectAll().orderBy("seq").execute();
    return ids.map(({ session_id: id }) => ({
      id,
      inbound: inbound.filter(({ session_id }) => session_id === id),
      outbound: outbound.filter(({ session_id }) => session_id === id),
    }));
  });

type Place = Pick<Town, "dataDir" | "database">;

const readIn = async <T>(place: Place, read: (db: Kysely<CentralTables>) => Promise<T>): Promise<T> => {
  const found = await readCentral(place, read);
  return found.ok && found.value !== null ? found.value : expect.fail("The central database cannot be read.");
};

/** The host's word that an agent did not start, and that the message is kept: its answer still comes. */
export const saysKept = ({ id }: { readonly id: string }): boolean => id.startsWith("wake-failed-");

/** The rows of the central database after a run, without the host's words that a message is kept. */
export type CentralRows = {
  readonly lines: readonly Selectable<CentralTables["local_messages"]>[];
  readonly approvals: readonly Selectable<CentralTables["pending_approvals"]>[];
  readonly intents: readonly Selectable<CentralTables["intents"]>[];
  readonly notes: readonly Selectable<CentralTables["system_messages"]>[];
  readonly sessions: readonly Selectable<CentralTables["sessions"]>[];
  readonly leases: readonly Selectable<CentralTables["session_leases"]>[];
  readonly history: readonly Selectable<CentralTables["container_config_history"]>[];
};

export const centralRowsIn = ({ dataDir, database }: Place): Promise<CentralRows> =>
  readIn({ dataDir, database }, async (db) => ({
    lines: (await db.selectFrom("local_messages").selectAll().orderBy("seq").execute()).filter(
      (line) => !saysKept(line),
    ),
    approvals: await db.selectFrom("pending_approvals").selectAll().execute(),
    intents: await db.selectFrom("intents").selectAll().execute(),
    notes: await db.selectFrom("system_messages").selectAll().execute(),
    sessions: await db.selectFrom("sessions").selectAll().execute(),
    leases: await db.selectFrom("session_leases").selectAll().execute(),
    history: await db.selectFrom("container_config_history").selectAll().execute(),
  }));
