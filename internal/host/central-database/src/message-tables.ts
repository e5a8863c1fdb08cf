/** 0 or 1: SQLite has no booleans. */
type Flag = 0 | 1;

/** One row for each session. */
export type SessionTransportRow = {
  session_id: string;
  /** The highest fencing token of a host that has written. */
  token: number;
  /** The highest message number of both sides. */
  seq: number;
  /** The incarnation of the projection; 0 before the first projection. */
  incarnation: number;
  /** A `Projection` as JSON; null before the first projection. */
  projection: string | null;
  /** The tool that the agent uses now, as JSON. */
  tool: string | null;
};

/** A message for the agent. */
export type MessageInRow = {
  session_id: string;
  id: string;
  /** The number of the message in its session; even for messages to the agent. */
  seq: number;
  kind: "chat" | "task" | "system";
  timestamp: string;
  content: string;
  channel_type: string | null;
  platform_id: string | null;
  thread_id: string | null;
  source_session_id: string | null;
  trigger: Flag;
  on_wake: Flag;
  /** With `on_wake`: the first incarnation that may read it. */
  wake_incarnation: number;
  process_after: string | null;
  tries: number;
  status: "pending" | "completed" | "failed";
  reason: string | null;
  /** When an agent took the message in work, and the agent's incarnation; both null if no agent has it in work. */
  claimed_at: string | null;
  claimed_by: number | null;
  /** The last batch in which it was claimed, and its place in the batch, from 0; both null before a claim. */
  batch: string | null;
  batch_place: number | null;
  /** The incarnation that ended it; null if it has not ended, or the host gave it up. */
  ended_by: number | null;
  /** 0 from the end of the message until the host has read that end. */
  told: Flag;
};

/** A message of the agent. */
export type MessageOutRow = {
  session_id: string;
  id: string;
  /** The number of the message in its session; odd for messages of the agent. */
  seq: number;
  in_reply_to: string | null;
  /** `question`: one to the host or a person, which `answer` answers. */
  kind: "chat" | "task" | "system" | "question";
  timestamp: string;
  content: string;
  channel_type: string | null;
  platform_id: string | null;
  thread_id: string | null;
  deliver_after: string | null;
  status: "pending" | "claimed" | "delivered" | "failed";
  platform_message_id: string | null;
  /** When it got this status; null while it is pending. */
  settled_at: string | null;
  /** The answer to a question, as JSON; null until it is answered, and for each other message. */
  answer: string | null;
};

/** A value that an agent keeps for its next incarnation, as JSON. */
export type SessionValueRow = { session_id: string; key: string; value: string; updated_at: string };

/** A token with which a workload authenticates to its host. The token itself is stored nowhere. */
export type SessionTokenRow = {
  /** SHA-256 of the token, base64url. */
  hash: string;
  session_id: string;
  incarnation: number;
  /** SHA-256 of the workload's gateway token, base64url; null if the token is older than gateway tokens. */
  gateway_hash: string | null;
  /** Why its last request to a model failed at the vendor, a sentence; null since the last one that did not. */
  vendor_trouble: string | null;
  /** When the first of these requests failed. */
  vendor_trouble_since: string | null;
};

/** A file of a message. */
export type SessionFileRow = {
  id: string;
  /** Empty for a file of a message that belongs to no session yet. */
  session_id: string;
  /** `in`: to the agent. `out`: from the agent. The others: from and to clients of a chat. */
  box: FileBox;
  message_id: string;
  name: string;
  bytes: number;
  /** 0 while the file is being written. Such a file is not returned to a reader. */
  is_whole: Flag;
  /** When it is removed automatically; null while its message needs it. */
  expires_at: string | null;
  /** The group whose agent sent it, also after its delivery and after the group's end; null for a person's file. */
  sender_group_id: string | null;
};

export type FileBox = "in" | "out" | "chat-in" | "chat-out";

/** One chunk of a file. */
export type SessionFileChunkRow = { file_id: string; n: number; content: Uint8Array };

/** Messages between a host and its agents, and what belongs to them. */
export type MessageTables = {
  session_transport: SessionTransportRow;
  session_messages_in: MessageInRow;
  session_messages_out: MessageOutRow;
  session_values: SessionValueRow;
  session_tokens: SessionTokenRow;
  session_files: SessionFileRow;
  session_file_chunks: SessionFileChunkRow;
};
