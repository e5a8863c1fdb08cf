import type { Message, Update } from "@grammyjs/types";
import { fullName, titleOf } from "./names.ts";

/**
 * What becomes of a field of a message. `read`: `read-update.ts` uses it. `file`: the agent gets the file. `aside`: it changes
 * nothing for the agent. `of-chat`: a message about the chat itself, which is for nobody. A function: the agent gets these
 * words in brackets; empty for none.
 */
type Fate<F extends keyof Message> =
  | "read"
  | "file"
  | "aside"
  | "of-chat"
  | ((value: NonNullable<Message[F]>, said: Message) => string);

/** All fields of a message in the Bot API of `@grammyjs/types`; the compiler asks for a new one. */
export const messageFields: { readonly [F in keyof Required<Message>]: Fate<F> } = {
  message_id: "read",
  message_thread_id: "read",
  from: "read",
  sender_chat: "read",
  date: "read",
  chat: "read",
  is_topic_message: "read",
  forward_origin: "read",
  is_automatic_forward: "read",
  reply_to_message: "read",
  external_reply: "read",
  quote: "read",
  reply_to_story: "read",
  edit_date: "read",
  media_group_id: "read",
  text: "read",
  entities: "read",
  caption: "read",
  rich_message: "read",
  caption_entities: "read",
  migrate_to_chat_id: "read",
  migrate_from_chat_id: "read",

  animation: "file",
  audio: "file",
  document: "file",
  live_photo: "file",
  photo: "file",
  video: "file",
  video_note: "file",
  voice: "file",

  paid_media: ({ star_count: stars, paid_media: media }) =>
    `paid media, ${stars} stars: ${media.map(({ type }) => type).join(", ")}`,
  sticker: ({ emoji, set_name: set }) =>
    ["a sticker", emoji, set === undefined ? undefined : `of the set ${set}`].filter(Boolean).join(" "),
  story: ({ chat }) => `a story of ${titleOf(chat)}, which bots cannot read`,
  contact: ({ first_name, last_name, phone_number, user_id: id, vcard }) =>
    [
      `a contact: ${fullName({ first_name, last_name })}, ${phone_number}`,
      id === undefined ? "" : `, telegram:${id}`,
      vcard === undefined ? "" : `\n${vcard}`,
    ].join(""),
  dice: ({ emoji, value }) => `${emoji} ${value}`,
  game: ({ title, description, text }) =>
    `a game: ${[title, description, text].filter((line) => line !== undefined && line !== "").join(": ")}`,
  poll: ({ question, options, description, explanation, is_closed: isClosed }) =>
    [
      `a ${isClosed ? "closed " : ""}poll: ${question}`,
      ...[description, explanation].filter(Boolean),
      ...options.map(({ text, voter_count: votes }) => `- ${text}${votes > 0 ? ` (${votes})` : ""}`),
    ].join("\n"),
  venue: ({ title, address, location }) =>
    `a place: ${title}, ${address}, ${location.latitude}, ${location.longitude}`,
  location: ({ latitude, longitude, live_period: live }, { venue }) =>
    venue === undefined ? `a ${live === undefined ? "" : "live "}place: ${latitude}, ${longitude}` : "",
  checklist: ({ title, tasks }) =>
    [
      `a checklist: ${title}`,
      ...tasks.map(({ id, text, completion_date: at }) => `- ${id}. ${text}${at ? " (done)" : ""}`),
    ].join("\n"),
  checklist_tasks_done: ({ checklist_message: list, ...marked }) => {
    const done = marked.marked_as_done_task_ids ?? [];
    const open = marked.marked_as_not_done_task_ids ?? [];
    return [
      `tasks of the checklist ${list?.checklist?.title ?? ""} were marked:`,
      ...done.map((id) => `- ${id}. done`),
      ...open.map((id) => `- ${id}. not done`),
    ].join("\n");
  },
  checklist_tasks_added: ({ checklist_message: list, tasks }) =>
    [
      `tasks were added to the checklist ${list?.checklist?.title ?? ""}:`,
      ...tasks.map(({ id, text }) => `- ${id}. ${text}`),
    ].join("\n"),
  reply_to_checklist_task_id: (id) => `it is about task ${id} of the checklist`,
  reply_to_poll_option_id: (id, { reply_to_message: to, external_reply: other }) => {
    const options = (to?.poll ?? other?.poll)?.options ?? [];
    return `it is about the option ${options.find((one) => one.persistent_id === id)?.text ?? id} of the poll`;
  },
  poll_option_added: ({ option_text: text }) => `an option was added to a poll: ${text}`,
  poll_option_deleted: ({ option_text: text }) => `an option was deleted from a poll: ${text}`,
  invoice: ({ title, description, total_amount: amount, currency }) =>
    `an invoice: ${title}: ${description}, ${amount} ${currency} in its smallest units`,
  successful_payment: ({ total_amount: amount, currency }) =>
    `a payment: ${amount} ${currency} in its smallest units`,
  refunded_payment: ({ total_amount: amount, currency }) =>
    `a payment was given back: ${amount} ${currency} in its smallest units`,
  users_shared: ({ users }) =>
    `shared people: ${users
      .map(({ user_id: id, first_name = "", last_name }) =>
        `${fullName({ first_name, last_name })} telegram:${id}`.trim(),
      )
      .join(", ")}`,
  chat_shared: ({ chat_id: id, title = "" }) => `a shared chat: ${`${title} telegram:${id}`.trim()}`,
  passport_data: () => "Telegram Passport data, which is not read",
  giveaway: ({ chats, winner_count: count, prize_description: prize }) =>
    `a giveaway of ${chats.map(titleOf).join(", ")} with ${count} winners${prize ? `: ${prize}` : ""}`,
  giveaway_winners: ({ chat, winners, prize_description: prize }) =>
    `the winners of a giveaway of ${titleOf(chat)}: ${winners.map(fullName).join(", ")}${prize ? `: ${prize}` : ""}`,
  giveaway_completed: ({ winner_count: count }) => `a giveaway has ended with ${count} winners`,
  gift: ({ text }) => `a gift${text ? `: ${text}` : ""}`,
  unique_gift: ({ gift, text }) => `a unique gift: ${gift.name}${text ? `: ${text}` : ""}`,
  gift_upgrade_sent: ({ text }) => `the upgrade of a gift${text ? `: ${text}` : ""}`,
  web_app_data: ({ data, button_text: button }) => `data of the web app behind "${button}": ${data}`,

  guest_query_id: "aside",
  business_connection_id: "aside",
  direct_messages_topic: "aside",
  sender_tag: "aside",
  receiver_user: "aside",
  ephemeral_message_id: "aside",
  sender_boost_count: "aside",
  sender_business_bot: "aside",
  is_paid_post: "aside",
  via_bot: "aside",
  guest_bot_caller_user: "aside",
  guest_bot_caller_chat: "aside",
  has_protected_content: "aside",
  show_caption_above_media: "aside",
  is_from_offline: "aside",
  author_signature: "aside",
  link_preview_options: "aside",
  effect_id: "aside",
  paid_star_count: "aside",
  reply_markup: "aside",
  has_media_spoiler: "aside",
  suggested_post_info: "aside",

  community_chat_added: "of-chat",
  community_chat_removed: "of-chat",
  community_chat_joined: "of-chat",
  suggested_post_approved: "of-chat",
  suggested_post_approval_failed: "of-chat",
  suggested_post_declined: "of-chat",
  suggested_post_paid: "of-chat",
  suggested_post_refunded: "of-chat",
  chat_owner_left: "of-chat",
  chat_owner_changed: "of-chat",
  new_chat_members: "of-chat",
  left_chat_member: "of-chat",
  new_chat_title: "of-chat",
  new_chat_photo: "of-chat",
  delete_chat_photo: "of-chat",
  group_chat_created: "of-chat",
  supergroup_chat_created: "of-chat",
  channel_chat_created: "of-chat",
  managed_bot_created: "of-chat",
  message_auto_delete_timer_changed: "of-chat",
  pinned_message: "of-chat",
  connected_website: "of-chat",
  write_access_allowed: "of-chat",
  proximity_alert_triggered: "of-chat",
  boost_added: "of-chat",
  chat_background_set: "of-chat",
  forum_topic_created: "of-chat",
  forum_topic_edited: "of-chat",
  forum_topic_closed: "of-chat",
  forum_topic_reopened: "of-chat",
  general_forum_topic_hidden: "of-chat",
  general_forum_topic_unhidden: "of-chat",
  giveaway_created: "of-chat",
  paid_message_price_changed: "of-chat",
  direct_message_price_changed: "of-chat",
  video_chat_scheduled: "of-chat",
  video_chat_started: "of-chat",
  video_chat_ended: "of-chat",
  video_chat_participants_invited: "of-chat",
};

/** What becomes of an update. Telegram sends only those that the bot asks for. */
export const updateFields: Readonly<Record<Exclude<keyof Update, "update_id">, "read" | "not-asked-for">> = {
  message: "read",
  edited_message: "read",
  callback_query: "read",
  my_chat_member: "read",

  channel_post: "not-asked-for",
  edited_channel_post: "not-asked-for",
  business_connection: "not-asked-for",
  business_message: "not-asked-for",
  edited_business_message: "not-asked-for",
  deleted_business_messages: "not-asked-for",
  guest_message: "not-asked-for",
  stopped_message_generation: "not-asked-for",
  message_reaction: "not-asked-for",
  message_reaction_count: "not-asked-for",
  inline_query: "not-asked-for",
  chosen_inline_result: "not-asked-for",
  shipping_query: "not-asked-for",
  pre_checkout_query: "not-asked-for",
  purchased_paid_media: "not-asked-for",
  poll: "not-asked-for",
  poll_answer: "not-asked-for",
  chat_member: "not-asked-for",
  chat_join_request: "not-asked-for",
  chat_boost: "not-asked-for",
  removed_chat_boost: "not-asked-for",
  managed_bot: "not-asked-for",
  subscription: "not-asked-for",
};
