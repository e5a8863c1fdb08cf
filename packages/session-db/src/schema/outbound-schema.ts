import type { FileSchema } from "./schema.ts";

/**
 * `out/outbound.db` of an older build: the container wrote it; now it is only read. `change` of
 * `processing_ack` rises with every write, so the host could find new rows by it.
 */
const first: readonly string[] = [
  `CREATE TABLE messages_out (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE,
  in_reply_to TEXT,
  timestamp TEXT NOT NULL,
  deliver_after TEXT,
  recurrence TEXT,
  kind TEXT NOT NULL,
  platform_id TEXT,
  channel_type TEXT,
  thread_id TEXT,
  content TEXT NOT NULL
) STRICT`,
  `CREATE TABLE processing_ack (
  message_id TEXT PRIMARY KEY,
  status TEXT NOT NULL CHECK (status IN ('processing', 'completed', 'failed')),
  status_changed TEXT NOT NULL,
  incarnation INTEGER NOT NULL DEFAULT 0,
  reason TEXT,
  change INTEGER NOT NULL UNIQUE
) STRICT`,
  `CREATE TABLE session_state (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT`,
  `CREATE TABLE container_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  current_tool TEXT,
  tool_declared_timeout_ms INTEGER,
  tool_started_at TEXT,
  updated_at TEXT NOT NULL
) STRICT`,
];

export const outboundSchema: FileSchema = { steps: [first] };
