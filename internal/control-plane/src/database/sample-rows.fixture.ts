import { Buffer } from "node:buffer";
import type { Kysely } from "kysely";
import type { CentralTables } from "./tables.ts";

const at = "2026-11-20T08:00:00.000Z";

export type SampleTable = Exclude<
  keyof CentralTables,
  "schema_version" | "container_configs" | "container_config_history"
>;

/**
 * A valid row of each table that a person fills, of the group `ag-1`, the chat `mg-1` and the user
 * `telegram:1`.
 */
const samples: { readonly [T in SampleTable]: CentralTables[T] } = {
  agent_groups: { id: "ag-1", name: "Team", folder: "team", agent_provider: null, created_at: at },
  messaging_groups: {
    id: "mg-1",
    channel_type: "telegram",
    platform_id: "telegram:1",
    name: null,
    is_group: 0,
    unknown_sender_policy: "strict",
    created_at: at,
    instance: "",
    refused_at: null,
    refused_by: null,
  },
  messaging_group_agents: {
    id: "wi-1",
    messaging_group_id: "mg-1",
    agent_group_id: "ag-1",
    engage_mode: "pattern",
    engage_pattern: ".",
    sender_scope: "all",
    ignored_message_policy: "drop",
    session_mode: "shared",
    priority: 0,
    created_at: at,
  },
  users: { id: "telegram:1", kind: "telegram", display_name: "Ana", created_at: at },
  user_roles: {
    user_id: "telegram:1",
    role: "admin",
    agent_group_id: "ag-1",
    granted_by: null,
    granted_at: at,
  },
  agent_group_members: { user_id: "telegram:1", agent_group_id: "ag-1", added_by: null, added_at: at },
  agent_destinations: {
    agent_group_id: "ag-1",
    local_name: "home",
    target_type: "channel",
    target_id: "mg-1",
    created_at: at,
  },
  user_dms: { user_id: "telegram:1", channel_type: "telegram", messaging_group_id: "mg-1", resolved_at: at },
  dropped_messages: {
    channel_type: "telegram",
    platform_id: "telegram:9",
    user_id: null,
    sender_name: null,
    reason: "unknown sender",
    messaging_group_id: "mg-1",
    agent_group_id: "ag-1",
    message_count: 1,
    first_seen: at,
    last_seen: at,
  },
  sessions: {
    id: "se-1",
    agent_group_id: "ag-1",
    messaging_group_id: "mg-1",
    thread_id: null,
    agent_provider: null,
    status: "active",
    container_status: "stopped",
    config_generation: null,
    last_active: null,
    created_at: at,
    incarnation: 0,
    container_ref: null,
    image: null,
  },
  pending_approvals: {
    approval_id: "ap-1",
    session_id: "se-1",
    agent_group_id: "ag-1",
    command: "members add",
    args: "{}",
    shown: "{}",
    consequence: null,
    digest: "0",
    scope: "group",
    status: "pending",
    created_at: at,
    expires_at: at,
    answered_by: null,
    answered_at: null,
    result: null,
    kind: "command",
  },
  system_messages: { id: "sm-1", session_id: "se-1", content: "{}", created_at: at, delivered_at: null },
  decisions: {
    id: "de-1",
    at,
    actor: "host",
    command: "groups list",
    flags: "[]",
    effect: "allow",
    rule_id: "host",
    reason: "the operator",
  },
  file_users: { user_id: "telegram:1", entry: "{}" },
  intents: {
    id: "in-1",
    kind: "reload",
    command: "users reload",
    asked_by: "host",
    payload: "null",
    created_at: at,
    outcome: null,
    done_at: null,
    agent_group_id: null,
    claimed_by: null,
    claimed_until: null,
  },
  session_leases: {
    session_id: "se-1",
    owner: "host-1",
    token: 1,
    expires_at: at,
    wanted_at: null,
    wanted_for: null,
  },
  installation: { id: 1, changes: 0 },
  refused_people: { user_id: "telegram:1", refused_at: at, reason: "removed" },
  local_messages: {
    id: "lm-1",
    seq: 1,
    platform_id: "ana",
    direction: "in",
    user_id: "local:ana",
    from_name: "Ana",
    text: "hello",
    in_reply_to: null,
    card: null,
    files: null,
    failed: 0,
    routed_at: null,
    at,
  },
  approval_cards: {
    approval_id: "ap-1",
    user_id: "telegram:1",
    channel_type: "telegram",
    platform_id: "telegram:1",
    message_id: null,
    sent_at: at,
    closed_at: null,
  },
  held_messages: {
    approval_id: "ap-1",
    message_id: "m-1",
    user_id: "telegram:9",
    sender_name: null,
    messaging_group_id: "mg-1",
    message: "{}",
    ended_at: null,
  },
  refused_senders: {
    user_id: "telegram:9",
    messaging_group_id: "mg-1",
    agent_group_id: "ag-1",
    refused_by: "host",
    refused_at: at,
  },
  session_transport: {
    session_id: "se-1",
    token: 1,
    seq: 3,
    incarnation: 1,
    projection: "{}",
    tool: null,
  },
  session_questions: {
    session_id: "se-1",
    id: "q-1",
    content: "{}",
    asked_at: at,
    answer: null,
    answered_at: null,
  },
  session_messages_in: {
    session_id: "se-1",
    id: "m-1",
    seq: 2,
    kind: "chat",
    timestamp: at,
    content: "{}",
    channel_type: "telegram",
    platform_id: "telegram:1",
    thread_id: null,
    source_session_id: null,
    trigger: 1,
    on_wake: 0,
    wake_incarnation: 1,
    process_after: null,
    tries: 0,
    status: "pending",
    reason: null,
    claimed_at: null,
    claimed_by: null,
    batch: null,
    batch_place: null,
    ended_by: null,
    told: 1,
  },
  session_messages_out: {
    session_id: "se-1",
    id: "m-2",
    seq: 3,
    in_reply_to: "m-1",
    kind: "chat",
    timestamp: at,
    content: "{}",
    channel_type: "telegram",
    platform_id: "telegram:1",
    thread_id: null,
    deliver_after: null,
    status: "pending",
    platform_message_id: null,
    settled_at: null,
  },
  session_values: { session_id: "se-1", key: "conversation", value: "{}", updated_at: at },
  session_tokens: { hash: "hash", session_id: "se-1", incarnation: 1 },
  session_files: {
    ...{ id: "f-1", session_id: "se-1", box: "in", message_id: "m-1", name: "a.txt" },
    ...{ bytes: 1, is_whole: 1, expires_at: null },
  },
  session_file_chunks: { file_id: "f-1", n: 0, content: Buffer.from("a") },
};

/** All tables with a sample, in an order in which each row's references are there before it. */
export const sampleTables = Object.keys(samples) as readonly SampleTable[];

/** Adds the sample row of a table, with these columns in place of its own. */
export const addRow = async <T extends SampleTable>(
  db: Kysely<CentralTables>,
  table: T,
  changes: Partial<CentralTables[T]> = {},
): Promise<void> => {
  const values: object = { ...samples[table], ...changes };
  await (db as Kysely<never>)
    .insertInto(table as never)
    .values(values as never)
    .execute();
};

/** Tables and columns that step 11 and later ones made. */
const madeSince11 = {
  tables: [
    ...["session_leases", "refused_people", "local_messages", "approval_cards"],
    ...["installation", "held_messages", "refused_senders"],
    ...[
      "session_transport",
      "session_questions",
      "session_messages_in",
      "session_messages_out",
      "session_values",
      "session_tokens",
      "session_files",
      "session_file_chunks",
    ],
  ],
  columns: {
    messaging_groups: { refused_at: undefined, refused_by: undefined },
    sessions: { incarnation: undefined, container_ref: undefined, image: undefined },
    pending_approvals: { kind: undefined },
    intents: { claimed_by: undefined, claimed_until: undefined },
  } as Readonly<Partial<Record<SampleTable, object>>>,
};

/** The tables of a database at step 10. */
export const tablesBefore11: readonly SampleTable[] = sampleTables.filter(
  (table) => !madeSince11.tables.includes(table),
);

/** The same row in a database at step 10: a value that is undefined is left out of the statement. */
export const addRowBefore11 = (
  db: Kysely<CentralTables>,
  table: SampleTable,
  changes: object = {},
): Promise<void> => addRow(db, table, { ...madeSince11.columns[table], ...changes });
