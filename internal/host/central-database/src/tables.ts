import type { ContainerConfigTables } from "@nc/container-config";
import type { MessageTables } from "./message-tables.ts";
import type {
  MessengerBotRow,
  MessengerChatRow,
  MessengerSendRow,
  MessengerUpdateRow,
} from "./messenger-tables.ts";
import type {
  HostRow,
  InstallationRow,
  MachineRow,
  LeaseRow,
  SessionRow,
  SharedSettingRow,
  SuccessionRow,
} from "./session-tables.ts";
import type { DroppedMessageRow, RefusedPersonRow, RefusedSenderRow } from "./stranger-tables.ts";
import type { TaskTables } from "./task-tables.ts";
import type { PersonLimits, UsageTables } from "./usage-tables.ts";
import type { ToolRuleRow } from "./tool-tables.ts";

/** An agent's home: its name, its folder under `groups/`. */
export type AgentGroupRow = {
  id: string;
  name: string;
  folder: string;
  created_at: string;
};

/**
 * One chat or channel on one platform. `is_group` 0 is a direct message. `instance` names the bot in the chat
 * if the platform has several bots; it is empty for the first bot.
 */
export type MessagingGroupRow = {
  id: string;
  channel_type: string;
  platform_id: string;
  name: string | null;
  is_group: number;
  /** The person of a direct chat. Null for a chat of several people, and until the person is known. */
  user_id: string | null;
  unknown_sender_policy: string;
  created_at: string;
  instance: string;
  /** When a person refused agents in this chat, and who; null if there was no refusal. */
  refused_at: string | null;
  refused_by: string | null;
};

/** A wiring: which agent group answers in which chat, and when. */
export type WiringRow = {
  id: string;
  messaging_group_id: string;
  agent_group_id: string;
  engage_mode: string;
  engage_pattern: string | null;
  sender_scope: string;
  ignored_message_policy: string;
  session_mode: string;
  priority: number;
  created_at: string;
};

/** A person on a platform; the id is `<channel>:<handle>`. */
export type UserRow = PersonLimits & {
  id: string;
  kind: string;
  display_name: string | null;
  created_at: string;
};

/** `owner`, or `admin` of all groups (`agent_group_id` null) or of one. */
export type UserRoleRow = {
  user_id: string;
  role: string;
  agent_group_id: string | null;
  granted_by: string | null;
  granted_at: string;
};

export type MemberRow = {
  user_id: string;
  agent_group_id: string;
  added_by: string | null;
  added_at: string;
};

/** A chat or group to which an agent group may send, under the name that its agent uses. */
export type DestinationRow = {
  agent_group_id: string;
  local_name: string;
  target_type: string;
  target_id: string;
  created_at: string;
};

/** A message of the channel `local`: of a person (`in`), or to a chat (`out`). */
export type LocalMessageRow = {
  id: string;
  /** Counts the messages of its chat, from 1. */
  seq: number;
  platform_id: string;
  direction: string;
  user_id: string | null;
  from_name: string | null;
  text: string;
  in_reply_to: string | null;
  /** The card, or the answer to a card, as JSON. */
  card: string | null;
  /** `{ name, size }` of each file, as JSON; null for a message without files. */
  files: string | null;
  /** 1: with this message the host says that it could not do what the message `in_reply_to` asks. */
  failed: number;
  /** When the host finished routing a person's message; null while it waits. */
  routed_at: string | null;
  /** The approval for whose answer it waits; null if it waits for none. */
  waits_for: string | null;
  at: string;
};

/** The chat in which an approver was asked. `message_id` is the channel's id of the card, if it has one. */
export type ApprovalCardRow = {
  approval_id: string;
  user_id: string;
  channel_type: string;
  platform_id: string;
  /** The bot that showed it; empty for the first bot. */
  instance: string;
  thread_id: string | null;
  message_id: string | null;
  sent_at: string;
  /** When the outcome was shown there; null while the card is open. */
  closed_at: string | null;
};

/** The direct-message chat of a person on a channel. */
export type UserDmRow = {
  user_id: string;
  channel_type: string;
  messaging_group_id: string;
  resolved_at: string;
};

/** A question that waits for a person, or its outcome: about a command of an agent, a stranger, or a chat. */
export type ApprovalRow = {
  approval_id: string;
  /** Null, like the group, for a question about a chat that no group answers in. */
  session_id: string | null;
  agent_group_id: string | null;
  /** The words of the command. */
  command: string;
  /** The checked arguments as JSON; cleared once the approval is answered. */
  args: string;
  /** What a person is shown, as JSON: of a command, everything that the agent typed. */
  shown: string;
  /**
   * The effect that the command would have had at the time of the request, as a JSON list of lines; null for
   * a command whose arguments describe its whole effect.
   */
  consequence: string | null;
  /** Lines that a person sees beside the effect, as JSON: they may change before the answer. Null for none. */
  preview: string | null;
  /** SHA-256 of the canonical command, its consequence, actor, scope and expiry, in hex. */
  digest: string;
  /** The caller's scope when it asked. */
  scope: string;
  /** `pending`, `approved`, `rejected`, `expired`, `failed`. */
  status: string;
  created_at: string;
  expires_at: string;
  answered_by: string | null;
  answered_at: string | null;
  /** The response frame of the command that was run, as JSON. */
  result: string | null;
  /** The kind of question: `command`, `sender`, `chat`, or another kind of `approvals/kinds`. */
  kind: string;
  /** For a tool, the message whose turn the agent is in. For a `sender` or a `chat`, the message that the card shows. */
  message_id: string | null;
  /** This and what follows up to `asked_user_id` is null for what no CLI asked. */
  tool: string | null;
  /** SHA-256 of the input, in hex. */
  input_hash: string | null;
  /** How often the turn had asked for this tool with this input before. */
  occurrence: number | null;
  /** The question of the session's agent that waits for the answer: of the newest runner that asked. */
  question_id: string | null;
  /** For a question: the sender of the message, who may answer it too. Null if no person has sent it. */
  asked_user_id: string | null;
  /** The seal of an answered approval, with the key of the log; null if no person has answered. */
  mac: string | null;
  /** For a `sender` or a `chat`: the chat, and the sender of the message that the card shows. Null once the chat is deleted. */
  messaging_group_id: string | null;
  sender_id: string | null;
  sender_name: string | null;
};

/** One decision: about a command of `ncl`, about a tool that needed no person, or an act of `gatehouse`. */
export type DecisionRow = {
  id: string;
  at: string;
  actor: string;
  command: string;
  /** The values by flag, as JSON: without secrets, and each of limited length. */
  args: string;
  effect: string;
  rule_id: string;
  reason: string;
  /** The machine's account behind `host`, or the person for whom the host acted; null for other actors. */
  account: string | null;
  /** Its place in the chain, from 1 on, and its seal; null if a host without the key of the log wrote it. */
  seq: number | null;
  mac: string | null;
};

/** The end of the chain of decisions: its last row, and how many were deleted because of their age. */
export type LogHeadRow = {
  /** Always 1. */
  id: number;
  seq: number;
  /** The seal of the last row. */
  last_mac: string;
  pruned: number;
  /** Distinguishes keys of the log. */
  key_id: string;
  /** The seal of the other columns. */
  mac: string;
};

/** Decisions that were deleted because of their age, by their numbers, with the seals before and after them. */
type LogGapRow = { first: number; last: number; before: string; after: string; mac: string };

/**
 * A person of users.yaml: the effective entry with its inherited values, as JSON. Their row of `users` is
 * `telegram:N`.
 */
export type FileUserRow = { user_id: string; entry: string };

/** Work outside the database that an act asks the host to do, and its outcome. */
export type IntentRow = {
  id: string;
  kind: string;
  /** The words of the command. */
  command: string;
  asked_by: string;
  /** The work to do, as JSON. */
  payload: string;
  created_at: string;
  /**
   * The reply to the command, or the reason of its failure, as JSON; null until the intent was carried out.
   */
  outcome: string | null;
  done_at: string | null;
  /** The group within whose reach it was asked for; null for the whole host. */
  agent_group_id: string | null;
};

/** A migration that ran: Kysely's own row. */
type SchemaVersionRow = { name: string; timestamp: string };

/** The central database. Tables and columns have the names of a nanoclaw v2 database where it has them. */
export type CentralTables = ContainerConfigTables &
  MessageTables &
  TaskTables &
  UsageTables & {
    agent_groups: AgentGroupRow;
    messaging_groups: MessagingGroupRow;
    messaging_group_agents: WiringRow;
    users: UserRow;
    user_roles: UserRoleRow;
    agent_group_members: MemberRow;
    agent_destinations: DestinationRow;
    sessions: SessionRow;
    user_dms: UserDmRow;
    dropped_messages: DroppedMessageRow;
    pending_approvals: ApprovalRow;
    decisions: DecisionRow;
    log_head: LogHeadRow;
    log_gaps: LogGapRow;
    file_users: FileUserRow;
    intents: IntentRow;
    leases: LeaseRow;
    machines: MachineRow;
    shared_settings: SharedSettingRow;
    installation: InstallationRow;
    hosts: HostRow;
    successions: SuccessionRow;
    refused_people: RefusedPersonRow;
    local_messages: LocalMessageRow;
    messenger_bots: MessengerBotRow;
    messenger_chats: MessengerChatRow;
    messenger_updates: MessengerUpdateRow;
    messenger_sends: MessengerSendRow;
    approval_cards: ApprovalCardRow;
    refused_senders: RefusedSenderRow;
    tool_rules: ToolRuleRow;
    schema_version: SchemaVersionRow;
  };
