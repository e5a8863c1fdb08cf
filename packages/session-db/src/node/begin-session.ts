import type { Json } from "../messages.ts";
import { outboundSchema } from "../schema/outbound-schema.ts";
import type { TransportResult } from "../transport.ts";
import { sessionFile } from "./files/session-file.ts";
import { makeSession } from "./make-session.ts";
import { pathsOf } from "./paths.ts";

/**
 * Makes the folder of a session in which no container has run yet. Its first container finds these values, by
 * key, as if one before it had kept them: for a conversation that began elsewhere. `now` is ISO 8601, UTC.
 * Throws Node's errors about the folder.
 */
export const beginSession = async (
  folder: string,
  values: Readonly<Record<string, Json>>,
  now: string,
): Promise<TransportResult<null>> => {
  const paths = pathsOf(folder);
  makeSession(paths, false);
  const file = sessionFile({
    file: paths.outbound,
    schema: outboundSchema,
    busyMs: 5000,
    onSetAside: () => undefined,
  });
  const done = await file.transaction("write", (db) => {
    for (const [key, value] of Object.entries(values))
      db.run(
        "insert or replace into session_state (key, value, updated_at) values (?, ?, ?)",
        ...[key, JSON.stringify(value), now],
      );
    return { ok: true, value: null };
  });
  await file.close();
  return done;
};
