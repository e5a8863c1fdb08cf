import type { Json } from "../../messages.ts";
import type { AgentEnd, TransportResult } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

/** A transaction of a container that knows who it is. */
export type AsOneself = <T>(
  mode: "read" | "write",
  work: (db: Connection, incarnation: number) => T,
) => Promise<TransportResult<T>>;

/** What the next container finds again, and what the host may see of this one. */
export const keptValues = (asOneself: AsOneself): Pick<AgentEnd, "get" | "set" | "setTool"> => ({
  get: (key) =>
    asOneself("read", (db) => {
      const [row] = db.all<{ value: string }>("select value from session_state where key = ?", key);
      return row === undefined ? undefined : (JSON.parse(row.value) as Json);
    }),
  set: (key, value, now) =>
    asOneself("write", (db) => {
      if (value === undefined) db.run("delete from session_state where key = ?", key);
      else
        db.run(
          "insert or replace into session_state (key, value, updated_at) values (?, ?, ?)",
          ...[key, JSON.stringify(value), now],
        );
      return null;
    }),
  setTool: (tool, now) =>
    asOneself("write", (db) => {
      db.run(
        `insert or replace into container_state
          (id, current_tool, tool_declared_timeout_ms, tool_started_at, updated_at) values (1, ?, ?, ?, ?)`,
        ...[tool?.name ?? null, tool?.timeoutMs ?? null, tool?.startedAt ?? null, now],
      );
      return null;
    }),
});
