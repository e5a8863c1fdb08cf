import type { Json } from "../messages/messages.ts";
import type { AgentSide } from "../messages/transport.ts";
import { fullOfValues, hasRoomForValue } from "./agent-limits.ts";
import { done, type AgentSideOptions, type AgentTransactions } from "./transaction.ts";

/** Values for the next incarnation, and the current tool, which the host may read. */
export const keptValues = (
  { sessionId }: AgentSideOptions,
  { read, write }: AgentTransactions,
  signalHost: () => void,
): Pick<AgentSide, "get" | "set" | "setTool"> => ({
  get: (key) =>
    read(async (db) => {
      const row = await db
        .selectFrom("session_values")
        .select("value")
        .where("session_id", "=", sessionId)
        .where("key", "=", key)
        .executeTakeFirst();
      return row === undefined ? undefined : (JSON.parse(row.value) as Json);
    }),
  set: (key, value, now) =>
    write(async (db) => {
      if (value !== undefined && !(await hasRoomForValue(db, sessionId, key))) return fullOfValues;
      if (value === undefined)
        await db
          .deleteFrom("session_values")
          .where("session_id", "=", sessionId)
          .where("key", "=", key)
          .execute();
      else {
        const row = { value: JSON.stringify(value), updated_at: now };
        await db
          .insertInto("session_values")
          .values({ session_id: sessionId, key, ...row })
          .onConflict((conflict) => conflict.columns(["session_id", "key"]).doUpdateSet(row))
          .execute();
      }
      return done(null);
    }),
  setTool: async (tool) => {
    const written = await write(async (db) => {
      const json = tool === null ? null : JSON.stringify(tool);
      await db
        .updateTable("session_transport")
        .set({ tool: json })
        .where("session_id", "=", sessionId)
        .execute();
      return done(null);
    });
    if (written.ok) signalHost();
    return written;
  },
});
