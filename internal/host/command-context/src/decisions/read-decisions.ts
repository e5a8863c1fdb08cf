import type { Kysely } from "kysely";
import type { CentralTables, DecisionRow } from "@gatehouse/central-database";

/** Selects decisions: the newest first. */
export type DecisionQuery = {
  /** The first time, and the time before which they were made; ISO 8601, UTC. */
  readonly since?: string;
  readonly before?: string;
  /** `host`, a person or a group or a session by id, `agent`, `user`, or an account. Any of them. */
  readonly actors?: readonly string[];
  readonly where: Partial<Pick<DecisionRow, "id" | "command" | "effect" | "rule_id">>;
  readonly limit: number;
};

export const readDecisions = (
  db: Kysely<CentralTables>,
  { since, before, actors, where, limit }: DecisionQuery,
): Promise<readonly DecisionRow[]> => {
  let query = db.selectFrom("decisions").selectAll();
  if (since !== undefined) query = query.where("at", ">=", since);
  if (before !== undefined) query = query.where("at", "<", before);
  for (const column of ["id", "command", "effect", "rule_id"] as const) {
    const value = where[column];
    if (value !== undefined) query = query.where(column, "=", value);
  }
  if (actors !== undefined)
    query = query.where((eb) =>
      eb.or(
        actors.flatMap((actor) => [
          eb("actor", "in", [actor, `user:${actor}`, `host as agent:${actor}`]),
          eb("account", "in", [actor, `user:${actor}`, `${actor}, with sudo`]),
          ...[`agent:${actor}/`, `${actor}:`, `${actor} as `].map((start) =>
            eb(eb.fn<string>("substr", ["actor", eb.lit(1), eb.lit(start.length)]), "=", start),
          ),
          // The session of an agent, after the only slash.
          eb.and([
            eb(eb.fn<string>("substr", ["actor", eb.lit(1), eb.lit(6)]), "=", "agent:"),
            eb("actor", "like", `%/${actor.replace(/[\\%_]/g, "")}`),
          ]),
        ]),
      ),
    );
  return query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute();
};
