import { folderProblem } from "@gatehouse/group-workspace";
import { isFolderName } from "@gatehouse/session-rows/messages";
import { triggerOf } from "./engage-mode.ts";
import type { FieldReader, LegacyRow } from "./field-reader.ts";

/** The imported tables. */
export type ImportedTable =
  | "agent_groups"
  | "messaging_groups"
  | "messaging_group_agents"
  | "users"
  | "user_roles"
  | "agent_group_members"
  | "agent_destinations"
  | "user_dms";

/**
 * A column that refers to a row of another table. `clear`: if that row is missing, the column becomes null
 * and the row stays.
 */
export type LegacyReference = {
  readonly column: string;
  readonly to: ImportedTable;
  readonly clear?: boolean;
};

/** The rules for reading the rows of one table. */
export type LegacyTable = {
  readonly table: ImportedTable;
  /** nanoclaw's name for the table. */
  readonly source: string;
  /** The columns that identify a row in the report. */
  readonly key: readonly string[];
  /** The keys: columns whose values together must be unique. Null counts as a value. */
  readonly unique: readonly (readonly string[])[];
  readonly references: readonly LegacyReference[];
  readonly read: (field: FieldReader, row: LegacyRow) => Readonly<Record<string, string | number | null>>;
  /** Returns the problem with a row that was read, or null. */
  readonly problem?: (row: Readonly<Record<string, unknown>>) => string | null;
  /** nanoclaw's columns that `read` uses and that our table does not have. */
  readonly alsoRead?: readonly string[];
};

/** The tables, in an order in which each row is read after the rows to which it refers. */
export const legacyTables: readonly LegacyTable[] = [
  {
    table: "agent_groups",
    source: "agent_groups",
    key: ["id"],
    unique: [["id"], ["folder"]],
    references: [],
    read: (field) => {
      // This checks only the type. `configureGroups` takes the value.
      field.optional("agent_provider");
      return {
        id: field.text("id"),
        name: field.text("name"),
        folder: field.text("folder"),
        created_at: field.time("created_at"),
      };
    },
    problem: ({ id, folder }) => folderProblem(String(folder)) ?? idProblem(id),
    alsoRead: ["agent_provider"],
  },
  {
    table: "messaging_groups",
    source: "messaging_groups",
    key: ["id"],
    unique: [["id"], ["channel_type", "platform_id", "instance"]],
    references: [],
    read: (field) => ({
      id: field.text("id"),
      channel_type: field.text("channel_type"),
      platform_id: field.text("platform_id"),
      instance: instanceOf(field),
      name: field.optional("name"),
      is_group: field.integer("is_group", 0) === 0 ? 0 : 1,
      unknown_sender_policy: field.oneOf(
        "unknown_sender_policy",
        ["strict", "request_approval", "decline_notify", "public"],
        "strict",
      ),
      created_at: field.time("created_at"),
    }),
  },
  {
    table: "messaging_group_agents",
    source: "messaging_group_agents",
    key: ["id"],
    unique: [["id"], ["messaging_group_id", "agent_group_id"]],
    references: [
      { column: "messaging_group_id", to: "messaging_groups" },
      { column: "agent_group_id", to: "agent_groups" },
    ],
    read: (field, row) => ({
      id: field.text("id"),
      messaging_group_id: field.text("messaging_group_id"),
      agent_group_id: field.text("agent_group_id"),
      ...triggerOf(field, row),
      ignored_message_policy: field.oneOf("ignored_message_policy", ["drop", "accumulate"], "drop"),
      session_mode: field.oneOf("session_mode", ["shared", "per-thread", "agent-shared"], "shared"),
      priority: field.integer("priority", 0),
      created_at: field.time("created_at"),
    }),
    alsoRead: ["trigger_rules", "response_scope"],
  },
  {
    table: "users",
    source: "users",
    key: ["id"],
    unique: [["id"]],
    references: [],
    read: (field) => ({
      id: field.text("id"),
      kind: field.text("kind"),
      display_name: field.optional("display_name"),
      created_at: field.time("created_at"),
    }),
  },
  {
    table: "user_roles",
    source: "user_roles",
    key: ["user_id", "role", "agent_group_id"],
    unique: [["user_id", "role", "agent_group_id"]],
    references: [
      { column: "user_id", to: "users" },
      { column: "agent_group_id", to: "agent_groups" },
      { column: "granted_by", to: "users", clear: true },
    ],
    read: (field) => ({
      user_id: field.text("user_id"),
      role: field.oneOf("role", ["owner", "admin"], ""),
      agent_group_id: field.optional("agent_group_id"),
      granted_by: field.optional("granted_by"),
      granted_at: field.time("granted_at"),
    }),
    problem: ({ role, agent_group_id }) =>
      role === "owner" && agent_group_id !== null
        ? "an owner has all groups: nanoclaw ignores an owner's row that names a group"
        : null,
  },
  {
    table: "agent_group_members",
    source: "agent_group_members",
    key: ["user_id", "agent_group_id"],
    unique: [["user_id", "agent_group_id"]],
    references: [
      { column: "user_id", to: "users" },
      { column: "agent_group_id", to: "agent_groups" },
      { column: "added_by", to: "users", clear: true },
    ],
    read: (field) => ({
      user_id: field.text("user_id"),
      agent_group_id: field.text("agent_group_id"),
      added_by: field.optional("added_by"),
      added_at: field.time("added_at"),
    }),
  },
  {
    table: "agent_destinations",
    source: "agent_destinations",
    key: ["agent_group_id", "local_name"],
    unique: [["agent_group_id", "local_name"]],
    references: [{ column: "agent_group_id", to: "agent_groups" }],
    read: (field) => ({
      agent_group_id: field.text("agent_group_id"),
      local_name: field.text("local_name"),
      target_type: field.oneOf("target_type", ["channel", "agent"], ""),
      target_id: field.text("target_id"),
      created_at: field.time("created_at"),
    }),
  },
  {
    table: "user_dms",
    source: "user_dms",
    key: ["user_id", "channel_type"],
    unique: [["user_id", "channel_type"]],
    references: [
      { column: "user_id", to: "users" },
      { column: "messaging_group_id", to: "messaging_groups" },
    ],
    read: (field) => ({
      user_id: field.text("user_id"),
      channel_type: field.text("channel_type"),
      messaging_group_id: field.text("messaging_group_id"),
      resolved_at: field.time("resolved_at"),
    }),
  },
];

/** Returns the problem with the id of a group, which becomes a folder's name, or null. */
const idProblem = (id: unknown): string | null =>
  isFolderName(String(id)) ? null : "its id is not valid as a folder's name";

/** Returns the name of a chat's bot; empty for a platform's first bot, which nanoclaw 2.1 names after the platform. */
const instanceOf = (field: FieldReader): string => {
  const instance = field.optional("instance");
  return instance === null || instance === field.optional("channel_type") ? "" : instance;
};
