/** A bot of a messenger. The host with its lease receives its updates. */
export type MessengerBotRow = {
  /** The messenger: `telegram`. */
  type: string;
  /** The bot's name on this host; empty for the first one. The `instance` of its chats. */
  bot: string;
  /** The time of the last answer to a request for updates. */
  polled_at: string | null;
  /** The time of the last update. */
  updated_at: string | null;
  /** Why the bot receives nothing now, a sentence; null if it does. */
  trouble: string | null;
};

/** A chat from which a bot has received something. */
export type MessengerChatRow = {
  type: string;
  bot: string;
  /** The chat's id on the platform, as in `platform_id`. */
  chat: string;
  /** The time of the first update since the chat was last lost. */
  seen_at: string;
  /** When the bot was blocked there or removed; null while it may write. */
  lost_at: string | null;
  /** When a link of `gatehouse users add` was last used there. */
  linked_at: string | null;
};

/** An update that a bot received. A repeated one has the same key. */
export type MessengerUpdateRow = {
  type: string;
  bot: string;
  update_id: number;
  chat: string;
  /** The id under which the host gets it. */
  message_id: string;
  /** The platform's JSON; empty once it was routed. */
  content: string;
  at: string;
  /** When the host finished routing it; null while it waits. */
  routed_at: string | null;
  /** The approval for whose answer it waits; null if it waits for none. */
  waits_for: string | null;
  /** Its sender, while it waits for an answer. */
  user_id: string | null;
};

/** One part of a message to a chat of a messenger. */
export type MessengerSendRow = {
  message_id: string;
  /** From 0. */
  part: number;
  type: string;
  bot: string;
  chat: string;
  /**
   * `sending` is written before the call. A row that has it without a running call is `uncertain`: the part may have been sent,
   * and is not sent again.
   */
  state: string;
  /** What is sent, as JSON; empty once a part without a card was sent. */
  content: string;
  platform_message_id: string | null;
  /** The card whose buttons this part has, and the card as JSON. */
  card_id: string | null;
  card: string | null;
  at: string;
};
