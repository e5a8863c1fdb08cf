import { sql, type Kysely, type RawBuilder } from "kysely";
import type { CentralTables, DecisionRow } from "@gatehouse/central-database";

/** Selects decisions: the newest first. */
export type DecisionQuery = {
  /** The first time, and the time before which they were made; ISO 8601, UTC. */
  readonly since?: string;
  readonly before?: string;
  /** `host`, a person or a group or a session by id, `agent`, `user`, or an account. Any of them. */
  readonly actors?: readonly string[];
  /** In the command, a value or the reason, in any case of ASCII letters. */
  readonly text?: string;
  readonly where: Partial<Pick<DecisionRow, "id" | "command" | "effect" | "rule_id">>;
  readonly limit: number;
};

export const readDecisions = (
  db: Kysely<CentralTables>,
  { since, before, actors, text, where, limit }: DecisionQuery,
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
  if (text !== undefined) {
    const literal = (value: string): string => value.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`);
    // Values are JSON, in which a quotation mark has a backslash before it.
    const inJson = literal(JSON.stringify(text).slice(1, -1));
    query = query.where((eb) =>
      eb.or([
        ...(["command", "reason"] as const).map((column) => hasText(column, literal(text))),
        hasText("args", inJson),
      ]),
    );
  }
  return query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute();
};

const hasText = (column: "command" | "reason" | "args", text: string): RawBuilder<boolean> =>
  sql<boolean>`lower(${sql.ref(column)}) like ${`%${text}%`} escape '\\'`;
