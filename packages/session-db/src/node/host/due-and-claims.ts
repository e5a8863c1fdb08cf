import type { Ack } from "../../decisions/decode-outbound.ts";
import type { SessionState } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

type DueAndClaims = Pick<SessionState, "claims" | "due" | "nextDueAt"> & {
  /** The heartbeat of an earlier container. */
  readonly heartbeatBefore: string | null;
};

const isDue = `status = 'pending' and kind <> 'system' and trigger = 1
  and not exists (select 1 from claims c where c.message_id = messages_in.id)`;

/** What the host's rows say is due and claimed, with the claims that are not among them yet. */
export const dueAndClaims = (db: Connection, now: string, acks: readonly Ack[]): DueAndClaims => {
  const claimed = acks.filter(({ status }) => status === "processing").map(({ id }) => id);
  const [identity] = db.all<{ heartbeat_before: string | null }>("select heartbeat_before from identity");
  const [due] = db.all<{ count: number }>(
    `select count(*) as count from messages_in where ${isDue} and (process_after is null or process_after <= ?)
      and id not in (select value from json_each(?))`,
    ...[now, JSON.stringify(claimed)],
  );
  const [next] = db.all<{ at: string | null }>(
    "select min(process_after) as at from messages_in where status = 'pending' and trigger = 1 and process_after > ?",
    now,
  );
  return {
    claims: claimsIn(db, acks, claimed),
    due: due?.count ?? 0,
    nextDueAt: next?.at ?? null,
    heartbeatBefore: identity?.heartbeat_before ?? null,
  };
};

const claimsIn = (
  db: Connection,
  acks: readonly Ack[],
  claimed: readonly string[],
): SessionState["claims"] => {
  const written = db.all<SessionState["claims"][number]>(
    "select message_id as id, since, incarnation from claims order by since, message_id",
  );
  if (claimed.length === 0) return written;
  const open = new Set(
    db
      .all<{ id: string }>(
        "select id from messages_in where id in (select value from json_each(?)) and status = 'pending'",
        JSON.stringify(claimed),
      )
      .map(({ id }) => id),
  );
  const fresh = acks
    .filter(({ id, status }) => status === "processing" && open.has(id))
    .map(({ id, since, incarnation }) => ({ id, since: since ?? "", incarnation }));
  const kept = written.filter(({ id }) => !open.has(id));
  return [...kept, ...fresh].sort((one, other) =>
    one.since === other.since ? (one.id < other.id ? -1 : 1) : one.since < other.since ? -1 : 1,
  );
};
