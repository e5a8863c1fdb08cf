import { ok, type Result } from "@gatehouse/std";
import type { CallError } from "../messenger.ts";
import type { SlackMessage } from "./read-event.ts";
import type { SlackApi } from "./slack-api.ts";

/** Time before the last answer for which messages are read again, s: what was on its way then. */
const marginSeconds = 120;

/** Age of the oldest thread in which a reply is found, s: Slack lists replies by their threads alone. */
const threadSeconds = 86_400;

/** Rows of one request, and most requests for a chat: a chat with more has lost the oldest. */
const [pageSize, mostPages] = [200, 10];

type Page = {
  readonly messages?: readonly SlackMessage[];
  readonly channels?: readonly { readonly id: string }[];
  readonly response_metadata?: { readonly next_cursor?: string };
};

/**
 * The messages of all chats of the bot since a time: Slack repeats an event for five minutes only, and none that it
 * could not hand over (https://docs.slack.dev/apis/events-api#retries). A change of an older message is one of them.
 */
export const messagesSince = async (
  api: SlackApi,
  heardAt: string,
): Promise<Result<readonly SlackMessage[], CallError>> => {
  const heard = Date.parse(heardAt) / 1000;
  const span = { since: heard - marginSeconds, heard };
  const chats = await pages(api, "users.conversations", {
    types: "public_channel,private_channel,mpim,im",
    exclude_archived: true,
  });
  if (!chats.ok) return chats;
  const found: SlackMessage[] = [];
  for (const { id: channel } of chats.value.flatMap(({ channels = [] }) => channels)) {
    const read = await messagesIn(api, channel, span);
    if (!read.ok) return read;
    found.push(...read.value);
  }
  return ok(found);
};

const messagesIn = async (
  api: SlackApi,
  channel: string,
  span: Span,
): Promise<Result<readonly SlackMessage[], CallError>> => {
  const { since } = span;
  const oldest = (seconds: number): string => Math.max(0, seconds).toFixed(6);
  const history = await pages(api, "conversations.history", {
    channel,
    oldest: oldest(since - threadSeconds),
    inclusive: true,
  });
  if (!history.ok) return history;
  const said = history.value.flatMap(({ messages = [] }) => messages);
  const found = said.flatMap((one) => newIn(one, span));
  for (const { ts, latest_reply: latest } of said) {
    if (latest === undefined || Number(latest) < since) continue;
    const replies = await pages(api, "conversations.replies", {
      channel,
      ts,
      oldest: oldest(since),
      inclusive: true,
    });
    if (!replies.ok) return replies;
    const all = replies.value.flatMap(({ messages = [] }) => messages);
    // The first one is the thread's own message.
    found.push(...all.filter((one) => one.ts !== ts).flatMap((one) => newIn(one, span)));
  }
  return ok(found.map((one) => ({ type: "message", ...one, channel })));
};

/** The times from which messages are read, and until which they may be known, s. */
type Span = { readonly since: number; readonly heard: number };

/** The message, and its change, if they may be new. A message that was changed before it was ever read has its last text alone. */
const newIn = (message: SlackMessage, { since, heard }: Span): readonly SlackMessage[] => {
  const { ts, edited } = message;
  const isChanged = edited !== undefined && Number(edited.ts) >= since && Number(ts) < heard;
  return [
    ...(Number(ts) >= since ? [message] : []),
    ...(isChanged ? [{ type: "message", subtype: "message_changed", ts: edited.ts, message }] : []),
  ];
};

const pages = async (
  api: SlackApi,
  method: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<Result<readonly Page[], CallError>> => {
  const read: Page[] = [];
  let cursor = "";
  while (read.length < mostPages) {
    const page = await api.call<Page>(method, {
      ...payload,
      limit: pageSize,
      ...(cursor === "" ? {} : { cursor }),
    });
    if (!page.ok) return page;
    read.push(page.value);
    cursor = page.value.response_metadata?.next_cursor ?? "";
    if (cursor === "") break;
  }
  return ok(read);
};
