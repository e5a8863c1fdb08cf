import type { FileSchema } from "./schema.ts";

/**
 * `in/inbound.db` of an older build: the host wrote it; now it is only read. A row of `messages_in` with
 * `on_wake` 1 is for the container of incarnation `wake_incarnation` or later. `told` is 0 for a failed
 * message until the host has read that.
 */
const first: readonly string[] = [
  `CREATE TABLE messages_in (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'completed', 'failed', 'paused')),
  process_after TEXT,
  recurrence TEXT,
  series_id TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  trigger INTEGER NOT NULL DEFAULT 1,
  platform_id TEXT,
  channel_type TEXT,
  thread_id TEXT,
  content TEXT NOT NULL,
  source_session_id TEXT,
  on_wake INTEGER NOT NULL DEFAULT 0,
  wake_incarnation INTEGER NOT NULL DEFAULT 1,
  reason TEXT,
  told INTEGER NOT NULL DEFAULT 1
) STRICT`,
  `CREATE INDEX messages_in_next ON messages_in (trigger, seq) WHERE status = 'pending' AND kind <> 'system'`,
  `CREATE INDEX messages_in_wake ON messages_in (seq) WHERE status = 'pending' AND on_wake = 1`,
  `CREATE INDEX messages_in_system ON messages_in (seq) WHERE status = 'pending' AND kind = 'system'`,
  `CREATE INDEX messages_in_due ON messages_in (process_after) WHERE status = 'pending' AND trigger = 1`,
  `CREATE INDEX messages_in_untold ON messages_in (seq) WHERE told = 0`,
  `CREATE INDEX messages_in_series ON messages_in (series_id) WHERE series_id IS NOT NULL`,
  `CREATE TABLE delivered (
  message_out_id TEXT PRIMARY KEY,
  platform_message_id TEXT,
  status TEXT NOT NULL DEFAULT 'delivered' CHECK (status IN ('claimed', 'delivered', 'failed')),
  delivered_at TEXT NOT NULL
) STRICT`,
  `CREATE TABLE outbound_open (
  message_out_id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  deliver_after TEXT
) STRICT`,
  `CREATE INDEX outbound_open_next ON outbound_open (seq)`,
  `CREATE TABLE claims (
  message_id TEXT PRIMARY KEY,
  since TEXT NOT NULL,
  incarnation INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE destinations (
  name TEXT PRIMARY KEY,
  display_name TEXT,
  type TEXT NOT NULL CHECK (type IN ('channel', 'agent')),
  channel_type TEXT,
  platform_id TEXT,
  agent_group_id TEXT
) STRICT`,
  `CREATE TABLE session_routing (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  channel_type TEXT,
  platform_id TEXT,
  thread_id TEXT
) STRICT`,
  `CREATE TABLE identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  session_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  group_name TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  token INTEGER NOT NULL,
  heartbeat_before TEXT
) STRICT`,
  `CREATE TABLE host (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  token INTEGER NOT NULL,
  outbound_cursor INTEGER NOT NULL DEFAULT 0,
  ack_cursor INTEGER NOT NULL DEFAULT 0
) STRICT`,
];

/**
 * Which session of a group wrote last: an agent that writes to the group without answering a question means
 * that session.
 */
const second: readonly string[] = [
  `CREATE INDEX messages_in_source ON messages_in (platform_id, seq) WHERE source_session_id IS NOT NULL`,
];

export const inboundSchema: FileSchema = { steps: [first, second] };
