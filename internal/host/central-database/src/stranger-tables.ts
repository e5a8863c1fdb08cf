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
