import { join } from "node:path";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { Channel } from "./channel.ts";
import { chatSocketIn } from "./local/frames.ts";
import { localChannel } from "./local/local-channel.ts";

/** The host of a channel. */
export type ChannelHost = {
  readonly dataDir: string;
  /** For commands and chats: its transactions run one after the other. */
  readonly db: Kysely<CentralTables>;
  /** For messages: on PostgreSQL, connections that wait for no command. */
  readonly messages: Kysely<CentralTables>;
  /** The name of this host in leases. */
  readonly owner: string;
  /** True if other hosts may use the same database. */
  readonly isShared: boolean;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** `mg` gives `mg-<uuid>`. */
  readonly id: (prefix: string) => string;
  readonly report: (error: unknown) => void;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
  /** Call it when a person may be reachable who was not. */
  readonly connected: () => void;
};

/** The channels of a host. To add a channel, add a row. */
export const channels: readonly ((host: ChannelHost) => Channel)[] = [
  (host) =>
    localChannel({
      ...host,
      socketPath: chatSocketIn(host.dataDir),
      filesDir: join(host.dataDir, "sessions", "chat-files"),
    }),
];
