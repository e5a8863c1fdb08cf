/** A person whose messages are refused, also after a restart. */
export type RefusedPersonRow = { user_id: string; refused_at: string; reason: string };

/** A refused stranger: the group gets no message of them from this chat, and the host does not ask again. */
export type RefusedSenderRow = {
  user_id: string;
  messaging_group_id: string;
  agent_group_id: string;
  refused_by: string;
  refused_at: string;
};

/** A message that waits for the answer to an approval of the kind `sender` or `chat`. */
export type HeldMessageRow = {
  approval_id: string;
  /** The channel's id of the message. */
  message_id: string;
  user_id: string;
  sender_name: string | null;
  messaging_group_id: string;
  /** The whole message, as JSON. */
  message: string;
  /** When it was passed on, or its sender was told that it is not; null before. */
  ended_at: string | null;
};

/** A message that waits behind the held one of the same approval. It is routed after that one. */
export type LaterMessageRow = {
  approval_id: string;
  /** The channel's id of the message. */
  message_id: string;
  /** Its place among those of the approval; the first has 1. */
  position: number;
  user_id: string;
  /** The whole message, as JSON. */
  message: string;
};

/** Messages of unregistered senders, counted per chat. */
export type DroppedMessageRow = {
  channel_type: string;
  platform_id: string;
  user_id: string | null;
  sender_name: string | null;
  reason: string;
  messaging_group_id: string | null;
  agent_group_id: string | null;
  message_count: number;
  first_seen: string;
  last_seen: string;
};
