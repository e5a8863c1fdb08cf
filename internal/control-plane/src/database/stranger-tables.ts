/** A person who is not served, also after a restart. */
export type RefusedPersonRow = { user_id: string; refused_at: string; reason: string };

/** A stranger whom no agent of the group gets messages of from this chat, and nobody is asked again. */
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
  /** When it was passed on, or its sender told that it is not; null before. */
  ended_at: string | null;
};
