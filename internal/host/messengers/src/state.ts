import { hostname } from "node:os";
import type { Kysely } from "kysely";
import { databaseTime, type CentralTables } from "@gatehouse/central-database";
import { messengerBots } from "@gatehouse/data-folder";
import type { WaitingCount } from "@gatehouse/session-rows";
import { pollOf } from "./inbox/poll-lease.ts";
import { waitingUpdates } from "./inbox/updates.ts";

/** What the hosts of a database have written about a bot. */
export type BotState = {
  readonly type: string;
  /** Its name on this host; empty for the first bot. */
  readonly bot: string;
  /** Its name on the platform. */
  readonly username: string;
  /** The host that receives its updates: the machine and the process; null if none does now. */
  readonly receiver: string | null;
  /** The last sign of life of the platform: an answer, or a message over a socket. */
  readonly heardAt: string | null;
  readonly lastUpdateAt: string | null;
  /** Why nothing is received, a sentence; null if it is. */
  readonly trouble: string | null;
  /** Received updates that no host has handed over. */
  readonly waiting: WaitingCount;
};

/** The states of the bots of a data folder. `db` null: no host has made its database. */
export const botStates = async (
  dataDir: string,
  db: Kysely<CentralTables> | null,
): Promise<readonly BotState[]> => {
  const bots = await messengerBots.read(dataDir);
  if (!bots.ok || bots.value.length === 0) return [];
  const rows = (await db?.selectFrom("messenger_bots").selectAll().execute()) ?? [];
  const polls = await db
    ?.selectFrom("leases")
    .leftJoin("hosts", "hosts.name", "owner")
    .select(["leases.name", "owner", "place"])
    .where("session_id", "is", null)
    .where("expires_at", ">", databaseTime(db))
    .execute();
  return Promise.all(
    bots.value.map(async ({ type, bot, username }) => {
      const row = rows.find((one) => one.type === type && one.bot === bot);
      const poll = polls?.find(({ name }) => name === pollOf({ type, bot }));
      return {
        type,
        bot,
        username,
        receiver: poll === undefined ? null : receiverIn(poll),
        heardAt: row?.polled_at ?? null,
        lastUpdateAt: row?.updated_at ?? null,
        trouble: row?.trouble ?? null,
        waiting: db === null ? { count: 0, oldest: null } : await waitingUpdates(db, { type, bot }),
      };
    }),
  );
};

/** The host `place-12-uuid` as people read it. Without a place it is the only one of a file, on this machine. */
const receiverIn = ({ owner, place }: { readonly owner: string; readonly place: string | null }): string => {
  const [machine] = (place ?? hostname()).split(":");
  return `${machine}, process ${owner.split("-")[1]}`;
};

/** One line about a bot. */
export const botText = (state: BotState): string => {
  const { receiver, heardAt, lastUpdateAt, trouble, waiting } = state;
  const heard = heardAt === null ? "" : `, last heard at ${heardAt}`;
  const by =
    receiver === null
      ? "no host receives its messages"
      : trouble === null
        ? `received by ${receiver}`
        : `${receiver} tries to receive its messages`;
  const nothing = trouble === null ? ", nothing received yet" : "";
  const last = lastUpdateAt === null ? nothing : `, last message at ${lastUpdateAt}`;
  const { count, oldest } = waiting;
  const waits =
    count === 0 ? "" : `, ${count} ${count === 1 ? "waits" : "wait"} to be handed over since ${oldest ?? ""}`;
  return `@${state.username}: ${by}${receiver === null ? "" : heard}${last}${waits}${trouble === null ? "" : `. ${trouble}`}`;
};
