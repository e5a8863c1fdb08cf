import { openCentral, centralCommandHost } from "@gatehouse/control-plane";
import { fillSessions, measureList, type ListTimes } from "./measure-list.ts";

/** A central database with many sessions, for measuring lists of them. */
export type SessionsGround = {
  /** Measures a list by a filter of `listFilters`. */
  readonly measure: (column: string) => Promise<ListTimes>;
  readonly close: () => Promise<void>;
};

/** Creates one in this empty folder. `now` is a clock in milliseconds. */
export const sessionsGround = async (
  dataDir: string,
  sessions: number,
  now: () => number,
): Promise<SessionsGround> => {
  const opened = await openCentral(dataDir);
  if (!opened.ok) throw new Error(opened.error.code);
  const central = opened.value;
  const rethrow = (error: unknown): never => {
    throw error;
  };
  const host = centralCommandHost(central, { dataDir, report: rethrow });
  await fillSessions(central, sessions);
  return {
    measure: (column) => measureList({ central, host, now }, column),
    close: async () => {
      await host.flush();
      await central.close();
    },
  };
};
