import type { CentralTables } from "@gatehouse/central-database";
import type { WaitingVendor } from "@gatehouse/std";
import type { Kysely, NotNull } from "kysely";
import type { Workload } from "./session-tokens.ts";

/** The failed requests of a workload to its model's vendor. */
type VendorTrouble = {
  /** Such as `anthropic is overloaded (529)`. */
  readonly trouble: string;
  /** When the first of them failed. ISO 8601, UTC. */
  readonly since: string;
};

/** A message whose agent waits for a vendor, and the chat that it came from. */
export type WaitsForVendor = VendorTrouble & {
  readonly sessionId: string;
  readonly group: { readonly id: string; readonly name: string; readonly timezone: string | null };
  readonly messageId: string;
  readonly claimedAt: string;
  readonly channelType: string | null;
  readonly platformId: string | null;
  readonly threadId: string | null;
};

/** Keeps the trouble of a workload, with the time of the first; null forgets it. It ends with the workload's token. */
export const setVendorTrouble = async (
  db: Kysely<CentralTables>,
  { sessionId, incarnation }: Workload,
  { trouble, now }: { readonly trouble: string | null; readonly now: string },
): Promise<void> => {
  await db
    .updateTable("session_tokens")
    .set(({ fn, val }) => ({
      vendor_trouble: trouble,
      vendor_trouble_since: trouble === null ? null : fn.coalesce("vendor_trouble_since", val(now)),
    }))
    .where("session_id", "=", sessionId)
    .where("incarnation", "=", incarnation)
    .execute();
};

/** The messages in work whose agents wait for a vendor, the longest wait first. */
export const waitingForVendor = async (db: Kysely<CentralTables>): Promise<readonly WaitsForVendor[]> => {
  const rows = await db
    .selectFrom("session_tokens as token")
    .innerJoin("session_messages_in as message", (join) =>
      join
        .onRef("message.session_id", "=", "token.session_id")
        .onRef("message.claimed_by", "=", "token.incarnation"),
    )
    .innerJoin("sessions", "sessions.id", "token.session_id")
    .innerJoin("agent_groups", "agent_groups.id", "sessions.agent_group_id")
    .leftJoin("container_configs", "container_configs.agent_group_id", "agent_groups.id")
    .select(["token.session_id as sessionId", "vendor_trouble as trouble", "vendor_trouble_since as since"])
    .select(["agent_groups.id", "agent_groups.name", "timezone", "message.id as messageId"])
    .select(["claimed_at as claimedAt", "channel_type as channelType", "platform_id as platformId"])
    .select("message.thread_id as threadId")
    .$narrowType<{ trouble: NotNull; since: NotNull; claimedAt: NotNull }>()
    .where("vendor_trouble", "is not", null)
    .where("message.status", "=", "pending")
    // SQLite uses the index of claims only if the query contains its condition.
    .where("claimed_at", "is not", null)
    .where("trigger", "=", 1)
    .orderBy("vendor_trouble_since")
    .orderBy("token.session_id")
    .orderBy("message.seq")
    .execute();
  return rows.map(({ id, name, timezone, ...waits }) => ({ ...waits, group: { id, name, timezone } }));
};

/** The sessions whose agents wait for a vendor, the longest wait first. */
export const vendorWaits = async (db: Kysely<CentralTables>): Promise<readonly WaitingVendor[]> => {
  const waits = (await waitingForVendor(db)).map(({ sessionId: session, group, trouble, since }) => ({
    session,
    group: group.name,
    trouble,
    since,
  }));
  // A batch has several messages.
  return [...new Map(waits.map((each) => [each.session, each])).values()];
};
