import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** The current container of an active session, as its row names it. */
export type ContainerRow = {
  readonly sessionId: string;
  readonly incarnation: number;
  /** The row says that it runs. */
  /** False also for one that runs on another machine, of which no runtime here knows. */
  readonly isRunning: boolean;
  /** The runtime's name for it; null while it is being started, and if it does not run. */
  readonly reference: string | null;
};

/** Reads the rows of the active sessions whose container runs, and of those named by `ids`. */
export const containerRows = async (
  db: Kysely<CentralTables>,
  ids: readonly string[],
): Promise<readonly ContainerRow[]> => {
  const rows = await db
    .selectFrom("sessions")
    .leftJoin("machines", "machines.agent_group_id", "sessions.agent_group_id")
    .select(["sessions.id as sessionId", "incarnation", "container_ref as reference"])
    .select(["container_status", "machines.id as machine"])
    .where("status", "=", "active")
    .where(({ eb, or }) =>
      or([
        eb("container_status", "!=", "stopped"),
        ...(ids.length === 0 ? [] : [eb("sessions.id", "in", [...ids])]),
      ]),
    )
    .orderBy("sessions.id")
    .execute();
  return rows.map(({ container_status, machine, ...row }) => ({
    ...row,
    isRunning: container_status !== "stopped" && machine === null,
  }));
};
