import { createHash, randomBytes, randomUUID } from "node:crypto";
import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { heardHosts } from "@gatehouse/session-rows";

/** A machine, the group whose agents it runs, and the time of its connection. */
export type KnownMachine = {
  readonly id: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly connectedAt: string;
};

/**
 * Where a machine is that is not connected to this host: connected to no host, to another one, or to one that is gone, which
 * it still dials.
 */
type Whereabouts = "no-host" | "other-host" | "gone-host";

/** The machine of a group that is not connected to this host. */
export type AwayMachine = {
  readonly id: string;
  readonly name: string;
  readonly at: Whereabouts;
  /** When the later host of this data folder that it serves took this one's place, ISO 8601 in UTC. */
  readonly laterHost: string | null;
};

/** The machines of groups, in the central database. */
export type MachineRows = {
  /** Adds the machine of a group with this token; null if the group has one, or was deleted. */
  readonly add: (groupId: string, token: string, name: string) => Promise<KnownMachine | null>;
  /** Returns the machine of a token, and notes that it has connected; null if there is none any more. */
  readonly take: (token: string, name: string) => Promise<KnownMachine | null>;
  /**
   * Notes that a machine serves a later host of this data folder, since it took this one's place. Returns the machine; null if
   * there is none with this token.
   */
  readonly serves: (token: string, laterHost: string) => Promise<KnownMachine | null>;
  /** Notes that this connection of a machine has ended. */
  readonly lost: (machine: KnownMachine) => Promise<void>;
  /** Notes that no machine is connected to the hosts whose names begin so: they have ended. */
  readonly allLost: (prefix: string) => Promise<void>;
  /** Returns the machine on which a group's agents run, if this host is not connected to it; null if they run on the host. */
  readonly of: (groupId: string) => Promise<AwayMachine | null>;
};

/** `host`: the name of this host. `now`: ISO 8601, UTC. */
export const machineRows = (db: Kysely<CentralTables>, host: string, now: () => string): MachineRows => {
  const known = async (tokenHash: string): Promise<KnownMachine | null> =>
    (await db
      .selectFrom("machines")
      .innerJoin("agent_groups", "agent_groups.id", "agent_group_id")
      .select(["machines.id", "agent_group_id as groupId", "agent_groups.name as groupName"])
      .select("connected_at as connectedAt")
      .where("token_hash", "=", tokenHash)
      .executeTakeFirst()) ?? null;
  return {
    add: async (groupId, token, name) => {
      const at = now();
      const group = db.selectFrom("agent_groups").select("id").where("id", "=", groupId);
      if ((await group.executeTakeFirst()) === undefined) return null;
      const { numInsertedOrUpdatedRows = 0n } = await db
        .insertInto("machines")
        .values({
          id: `ma-${randomUUID()}`,
          agent_group_id: groupId,
          name,
          token_hash: hashOf(token),
          created_at: at,
          connected_at: at,
          disconnected_at: null,
          host,
          later_host: null,
        })
        .onConflict((conflict) => conflict.column("agent_group_id").doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n ? known(hashOf(token)) : null;
    },
    take: async (token, name) => {
      await db
        .updateTable("machines")
        .set({ name, connected_at: now(), disconnected_at: null, host, later_host: null })
        .where("token_hash", "=", hashOf(token))
        .execute();
      return known(hashOf(token));
    },
    serves: async (token, laterHost) => {
      await db
        .updateTable("machines")
        .set({ later_host: laterHost })
        .set(({ fn, val }) => ({ disconnected_at: fn.coalesce("disconnected_at", val(now())) }))
        .where("token_hash", "=", hashOf(token))
        .execute();
      return known(hashOf(token));
    },
    lost: async ({ id, connectedAt }) => {
      await db
        .updateTable("machines")
        .set({ disconnected_at: now() })
        .where("id", "=", id)
        .where("connected_at", "=", connectedAt)
        .execute();
    },
    allLost: async (prefix) => {
      await db
        .updateTable("machines")
        .set({ disconnected_at: now() })
        .where("disconnected_at", "is", null)
        .where(sql<string>`substr(host, 1, ${prefix.length})`, "=", prefix)
        .execute();
    },
    of: async (groupId) => {
      const row = await db
        .selectFrom("machines")
        .select(["id", "name", "host", "disconnected_at as lostAt", "later_host as laterHost"])
        .select(({ eb }) => eb("host", "in", heardHosts(db)).as("heard"))
        .where("agent_group_id", "=", groupId)
        .executeTakeFirst();
      if (row === undefined) return null;
      const { id, name, lostAt, heard, laterHost } = row;
      const isConnected = lostAt === null && row.host !== host;
      return { id, name, at: !isConnected ? "no-host" : heard ? "other-host" : "gone-host", laterHost };
    },
  };
};

/** A secret of 192 bits. */
export const newSecret = (): string => randomBytes(24).toString("base64url");

/** What is kept of a secret. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");
