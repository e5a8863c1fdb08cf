import { readChat } from "@gatehouse/channels/client";
import type { FoundMessage } from "@gatehouse/session-rows";
import type { Hono } from "hono";
import type { Names } from "./pages/decisions.ts";
import { mostFound, searchPage, type Found } from "./pages/search.ts";
import { moreMessages, talkPath } from "./pages/talk.ts";
import type { Chats } from "./talk.ts";
import { namesFor } from "./names.ts";
import { show, type AnswerAs, type Visit, type Visits } from "./visits.ts";

type SearchDeps = Pick<Visits, "visited"> & {
  readonly chats: Chats;
  readonly answerAs: AnswerAs;
  readonly overview: {
    readonly messages: (text: string, limit: number) => Promise<readonly FoundMessage[]>;
  };
};

/** Characters of a text that is looked for. */
const longestText = 200;

/** Adds the search over chats and decisions. Each reader finds what their own pages show: a person, their direct chat. */
export const addSearch = (app: Hono, deps: SearchDeps): void => {
  app.get(
    "/search",
    deps.visited(async (visit) => {
      const { signedIn, context } = visit;
      const wanted = (context.req.query("q") ?? "").trim().slice(0, longestText);
      const isOperator = signedIn.userId === null;
      const names = isOperator && wanted !== "" ? await namesFor(deps.answerAs, null) : new Map();
      const messages =
        wanted === ""
          ? []
          : await (isOperator ? inAllChats(deps, names, wanted) : inOwnChat(deps, visit, wanted));
      const decisions =
        wanted === "" || !isOperator
          ? null
          : await deps.answerAs(null, "decisions-list", { text: wanted, limit: mostFound });
      const body = searchPage({ wanted, messages, decisions, names });
      return show(context, 200, { title: "Search", signedIn, body });
    }),
  );
};

/** The operator reads the messages of each session on its page. */
const inAllChats = async (
  { overview }: SearchDeps,
  names: Names,
  wanted: string,
): Promise<readonly Found[]> => {
  const messages = await overview.messages(wanted, mostFound);
  return messages.map(({ sessionId, groupId, direction, at, text }) => {
    const group = names.get(groupId) ?? groupId;
    return {
      from: direction === "in" ? `to ${group}` : group,
      at,
      text,
      path: `/sessions/${encodeURIComponent(sessionId)}`,
      place: "its session",
    };
  });
};

/** A person reads their own direct chat, as far as Talk shows it. */
const inOwnChat = async (
  { chats }: SearchDeps,
  { signedIn }: Visit,
  wanted: string,
): Promise<readonly Found[]> => {
  const place = { socketPath: chats.socketPath, as: signedIn.userId, group: null };
  const chat = await readChat(place, { last: moreMessages });
  if (!chat.ok) return [];
  const lower = wanted.toLowerCase();
  return chat.value.past
    .filter(({ text }) => text.toLowerCase().includes(lower))
    .toReversed()
    .slice(0, mostFound)
    .map(({ from, at, text }) => ({
      from: from ?? "host",
      at,
      text,
      path: `${talkPath(null)}?last=${moreMessages}`,
      place: "your direct chat",
    }));
};
