import { centralCommandHost } from "@gatehouse/dispatch";
import { openCentralAt, type CentralPlace } from "@gatehouse/central-database";
import { sql } from "kysely";
import { fillSessions, measureList, type ListTimes } from "./measure-list.ts";

/** A central database with many sessions, for measuring lists of them. */
export type SessionsFixture = {
  /** Measures a list by a filter of `listFilters`. */
  readonly measure: (column: string) => Promise<ListTimes>;
  readonly close: () => Promise<void>;
};

/** Adds `sessions` sessions to this empty data folder or database. `now` is a clock in milliseconds. */
export const sessionsFixture = async (
  place: CentralPlace,
  sessions: number,
  now: () => number,
): Promise<SessionsFixture> => {
  const opened = await openCentralAt(place);
  if (!opened.ok) throw new Error(opened.error.code);
  const central = opened.value;
  const rethrow = (error: unknown): never => {
    throw error;
  };
  const host = centralCommandHost(central, { dataDir: place.dataDir, report: rethrow });
  await fillSessions(central, sessions);
  // The server would run this by itself a minute later, perhaps during a measurement.
  if (place.database !== null) await sql`vacuum analyze sessions`.execute(central.db);
  return {
    measure: (column) => measureList({ central, host, now }, column),
    close: async () => {
      await host.flush();
      await central.close();
    },
  };
};
