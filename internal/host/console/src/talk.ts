import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { AnsweredApproval, AskedApprovals, WantedAnswers, WantedApprovals } from "@gatehouse/approvals";
import type { ChatFile } from "@gatehouse/channels";
import {
  chatLink,
  isAnswerToCard,
  readChat,
  sendToChat,
  sentFile,
  type ReadChat,
} from "@gatehouse/channels/client";
import type { Hono } from "hono";
import type { Result } from "@gatehouse/std";
import type { Topic } from "./event-streams.ts";
import { said, type Html } from "./pages/parts.ts";
import { moreMessages, talkPage, talkPath, usualMessages } from "./pages/talk.ts";
import type { SignedIn } from "./sign-ins.ts";
import { show, type AnswerAs, type Visit, type Visits } from "./visits.ts";

/** The chats of this host, for its people; null as a person is the sole owner, as in `gatehouse chat`. */
export type Chats = {
  readonly socketPath: string;
  /** The groups that answer in a person's own chats, by their ids. */
  readonly groupsOf: (userId: string) => Promise<readonly string[]>;
  readonly openFile: (place: {
    readonly as: string | null;
    readonly group: string | null;
    readonly messageId: string;
    readonly name: string;
  }) => Promise<Result<ChatFile, Refusal>>;
};

type Refusal = { readonly code: string; readonly message: string };

/** The refusals that name groups, which a person who is in none of them must not learn. */
const namesGroups: readonly string[] = ["unknown-group", "group-not-unique", "not-a-member"];

const refusalFor = ({ signedIn }: Visit, { code, message }: Refusal): string =>
  signedIn.userId !== null && namesGroups.includes(code)
    ? `There is no such chat for ${signedIn.userId}. An operator adds a person to a group with: ncl members add`
    : message;

type TalkDeps = Pick<Visits, "visited" | "posted"> & {
  readonly chats: Chats;
  readonly answerAs: AnswerAs;
  readonly waiting: (wanted: WantedApprovals) => Promise<AskedApprovals>;
  readonly answered: (wanted: WantedAnswers, limit: number) => Promise<readonly AnsweredApproval[]>;
};

/** The messages of a chat and what waits for its reader, for an open page. `group` is as in the address. */
export const talkTopic = (
  { chats, waiting, hasSignIn }: Pick<TalkDeps, "chats" | "waiting"> & Pick<Visits, "hasSignIn">,
  { signedIn, context }: Visit,
  group: string,
): Topic => {
  let messages = 0;
  return {
    read: async () => JSON.stringify([messages, await waiting({ userId: signedIn.userId })]),
    follow: ({ check, send }) => {
      const link = chatLink({
        socketPath: chats.socketPath,
        as: signedIn.userId,
        group: chatIn(group),
        reconnectMs,
        events: {
          message: () => {
            messages += 1;
            check();
          },
          writing: ({ from, text }) => {
            // The check ends the stream of a browser that has signed out.
            if (!hasSignIn(context)) check();
            else send("writing", { from: from ?? "agent", text });
          },
          welcome: () => {},
          taken: () => {},
          refused: () => {},
          lost: () => {},
        },
      });
      return link.stop;
    },
  };
};

/** Adds the pages on which a person talks with agents: the chats of `gatehouse chat`, by the same socket. */
export const addTalk = (app: Hono, deps: TalkDeps): void => {
  const { visited, posted, chats } = deps;
  const groupOf = ({ context }: Visit): string | null => context.req.param("group") ?? null;
  const placeOf = (visit: Visit) => ({
    socketPath: chats.socketPath,
    group: groupOf(visit),
    as: visit.signedIn.userId,
  });
  const talk = async (
    visit: Visit,
    unsent: { readonly why: string; readonly draft: string } | null = null,
  ): Promise<Response> => {
    const { signedIn, context } = visit;
    const last = context.req.query("last") === String(moreMessages) ? moreMessages : usualMessages;
    const read = await readChat(placeOf(visit), { last });
    const body = read.ok
      ? await pageOf(visit, read.value, { last, draft: unsent?.draft ?? "" })
      : said(refusalFor(visit, read.error), true);
    return show(context, read.ok && unsent === null ? 200 : 409, {
      title: "Talk",
      section: "/talk",
      signedIn,
      body: unsent === null ? body : [said(unsent.why, true), body],
    });
  };
  const pageOf = async (
    visit: Visit,
    chat: ReadChat,
    more: { readonly last: number; readonly draft: string },
  ): Promise<Html> => {
    const { signedIn } = visit;
    return talkPage({
      signedIn,
      chat,
      group: groupOf(visit),
      nextId: randomUUID(),
      waiting: (await deps.waiting({ userId: signedIn.userId, ...chatOf(chat) })).approvals,
      answered: await answeredIn(deps, signedIn, chat),
      groups: await groupsOf(deps, signedIn),
      ...more,
    });
  };
  const say = posted(async (visit, { text = "", id = "" }, given) => {
    if (isAnswerToCard(text)) return talk(visit, { why: notForAgent, draft: text });
    const files = given.map(sentFile);
    const message = {
      type: "message",
      id,
      text: text.replaceAll("\r\n", "\n"),
      ...(files.length === 0 ? {} : { files: files.map(({ name, size }) => ({ name, size })) }),
    } as const;
    const sent = await sendToChat(placeOf(visit), message, files);
    if (!sent.ok) return talk(visit, { why: `Not sent: ${refusalFor(visit, sent.error)}`, draft: text });
    return visit.context.redirect(`${talkPath(groupOf(visit))}?sent=${encodeURIComponent(id)}`, 303);
  });
  for (const path of ["/talk", "/talk/:group"] as const) {
    app.get(
      path,
      visited((visit) => talk(visit)),
    );
    app.post(path, say);
  }
  app.get(
    "/talk-file",
    visited(async (visit) => {
      const { signedIn, context } = visit;
      const { chat, message = "", name = "" } = context.req.query();
      const place = { as: signedIn.userId, group: chatIn(chat), messageId: message, name };
      const opened = await chats.openFile(place);
      if (!opened.ok)
        return show(context, 404, {
          title: "Talk",
          section: "/talk",
          signedIn,
          body: said(refusalFor(visit, opened.error), true),
        });
      return downloadOf(opened.value);
    }),
  );
};

const notForAgent =
  "Not sent: this begins as an answer to a card does. Press a button of the card; a message to the agent begins with another word.";

/** How long a page's connection to its chat is tried again after it was lost, ms. */
const reconnectMs = 60_000;

const chatIn = (named: string | undefined): string | null =>
  named === undefined || named === "" ? null : named;

/** What waits in a chat with a group; in a direct chat, all that waits for its person. */
const chatOf = ({ welcome: { group }, past }: ReadChat): Pick<WantedApprovals, "chat"> =>
  group === null ? {} : { chat: { group, cardIds: past.flatMap(({ card }) => card?.id ?? []) } };

/** Most answered cards of a chat. An older one has its title alone. */
const mostAnswered = 200;

/** What became of the cards that this chat has shown, for a reader who may see it. */
const answeredIn = async (
  { answered }: TalkDeps,
  { userId }: SignedIn,
  { past }: ReadChat,
): Promise<readonly AnsweredApproval[]> => {
  const cardIds = past.flatMap(({ card }) => card?.id ?? []);
  return cardIds.length === 0 ? [] : answered({ userId, ids: cardIds }, mostAnswered);
};

/** The groups that the reader may list. People on a channel may list none. */
const groupsOf = async (
  { answerAs }: TalkDeps,
  { userId }: SignedIn,
): Promise<readonly { readonly id: string; readonly name: string }[]> => {
  const frame = await answerAs(userId, "groups-list", {});
  return frame.ok ? (frame.data as readonly { readonly id: string; readonly name: string }[]) : [];
};

/** A file of an agent, which a browser saves and never shows. */
const downloadOf = ({ name, size, content }: ChatFile): Response =>
  new Response(Readable.toWeb(Readable.from(content())) as ReadableStream, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(size),
      "content-disposition": `attachment; filename*=UTF-8''${headerText(name)}`,
    },
  });

/** Escapes a text for a header, as RFC 8187 has it. */
const headerText = (text: string): string =>
  encodeURIComponent(Buffer.from(text).toString()).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
