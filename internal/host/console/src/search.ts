import type { AnsweredApproval, AskedApprovals, WantedAnswers, WantedApprovals } from "@gatehouse/approvals";
import { readChat } from "@gatehouse/channels/client";
import type { FoundMessage } from "@gatehouse/session-rows";
import type { Hono } from "hono";
import type { Names } from "./pages/decisions.ts";
import { mostFound, searchPage, type Found, type FoundAll } from "./pages/search.ts";
import { moreMessages, talkPath } from "./pages/talk.ts";
import type { Chats } from "./talk.ts";
import { namesFor } from "./names.ts";
import { show, type AnswerAs, type Visits } from "./visits.ts";

type SearchDeps = Pick<Visits, "visited"> & {
  readonly chats: Chats;
  readonly answerAs: AnswerAs;
  readonly waiting: (wanted: WantedApprovals) => Promise<AskedApprovals>;
  readonly answered: (wanted: WantedAnswers, limit: number) => Promise<readonly AnsweredApproval[]>;
  readonly overview: {
    readonly messages: (text: string, limit: number) => Promise<readonly FoundMessage[]>;
  };
};

/** Characters of a text that is looked for. */
const longestText = 200;

/**
 * Adds the search. Each reader finds what their own pages show: the operator, all chats and decisions; a person, their own
 * chats and the requests that they may see.
 */
export const addSearch = (app: Hono, deps: SearchDeps): void => {
  app.get(
    "/search",
    deps.visited(async (visit) => {
      const { signedIn, context } = visit;
      const { userId } = signedIn;
      const wanted = (context.req.query("q") ?? "").trim().slice(0, longestText);
      const found =
        wanted === ""
          ? null
          : await (userId === null ? foundByOperator(deps, wanted) : foundBy(deps, userId, wanted));
      return show(context, 200, {
        title: "Search",
        signedIn,
        body: searchPage({ wanted, found, reader: userId }),
      });
    }),
  );
};

const foundByOperator = async (deps: SearchDeps, wanted: string): Promise<FoundAll> => {
  const names = await namesFor(deps.answerAs, null);
  return {
    messages: await inAllChats(deps, names, wanted),
    decisions: await deps.answerAs(null, "decisions-list", { text: wanted, limit: mostFound }),
    names,
  };
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

const foundBy = async (deps: SearchDeps, userId: string, wanted: string): Promise<FoundAll> => {
  const has = hasText(wanted);
  const { approvals } = await deps.waiting({ userId });
  const answered = await deps.answered({ userId }, mostAnswered);
  return {
    messages: await inOwnChats(deps, userId, has),
    requests: {
      waiting: approvals.filter(({ asks, card: { title, lines } }) => [asks, title, ...lines].some(has)),
      answered: answered
        .filter(({ asks, lines, why }) => [asks, ...lines, why ?? ""].some(has))
        .slice(0, mostFound),
    },
  };
};

/** Most answered requests in which a text is looked for. */
const mostAnswered = 1_000;

/** Any case of letters. */
const hasText = (wanted: string): ((text: string) => boolean) => {
  const lower = wanted.toLowerCase();
  return (text) => text.toLowerCase().includes(lower);
};

/**
 * A person reads their direct chat, and their chat with each group, as Talk shows them: by the socket of the chats, which
 * refuses a person who may not write there any more.
 */
const inOwnChats = async (
  { chats }: SearchDeps,
  userId: string,
  has: (text: string) => boolean,
): Promise<readonly Found[]> => {
  // The chat with the first group is the direct chat: a message is found once, with its group.
  const found = new Map<string, Found>();
  for (const group of [null, ...(await chats.groupsOf(userId))]) {
    const place = { socketPath: chats.socketPath, as: userId, group };
    const chat = await readChat(place, { last: moreMessages });
    if (!chat.ok) continue;
    const { welcome, past } = chat.value;
    for (const { id, from, at, text } of past)
      if (has(text))
        found.set(id, {
          from: from ?? "host",
          at,
          text,
          path: `${talkPath(group)}?last=${moreMessages}`,
          place: group === null ? "your direct chat" : `your chat with ${welcome.group ?? group}`,
        });
  }
  return [...found.values()].toSorted((one, other) => (one.at < other.at ? 1 : -1)).slice(0, mostFound);
};
