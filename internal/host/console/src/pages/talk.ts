import type { AnsweredApproval, AskedApproval } from "@gatehouse/approvals";
import type { PastMessage, ReadChat } from "@gatehouse/channels/client";
import { html } from "hono/html";
import type { SignedIn } from "../sign-ins.ts";
import { answeredCard } from "./answered.ts";
import { news } from "./page.ts";
import { emptyOf, hidden, said, tabsOf, timeOf, type Html } from "./parts.ts";
import { cardOf } from "./waiting.ts";

/** The address of a chat: with a group, or the direct chat of the reader. */
export const talkPath = (group: string | null): string =>
  group === null ? "/talk" : `/talk/${encodeURIComponent(group)}`;

/** True for the address of a chat on this console. */
export const isTalkPath = (path: string): boolean => /^\/talk(?:\/[^/?#\\]+)?$/.test(path);

export type TalkOptions = {
  readonly signedIn: SignedIn;
  /** As in the address; null for the direct chat. */
  readonly group: string | null;
  readonly chat: ReadChat;
  /** How many messages were asked for. */
  readonly last: number;
  /** What waits for the reader in this chat. */
  readonly waiting: readonly AskedApproval[];
  /** What was answered of the cards in this chat, as far as the reader may see it. */
  readonly answered: readonly AnsweredApproval[];
  /** The groups that the reader may choose from, besides the direct chat. */
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  /** The id of the next message: a form that is sent twice says it once. */
  readonly nextId: string;
  /** A text that was not sent. */
  readonly draft?: string;
};

/** How many messages a page shows, and how many with the earlier ones. */
export const usualMessages = 50;
export const moreMessages = 1000;

/** Characters of a message that a form takes. */
const longestText = 16_000;

/** A chat: its last messages, the cards that wait in it, and a form for the next message. */
export const talkPage = (options: TalkOptions): Html => {
  const { signedIn, group, chat, last, groups, nextId, draft = "" } = options;
  const path = talkPath(group);
  const { welcome, past } = chat;
  // A chat begins with the first message: before it there is nothing to follow.
  const live = past.length === 0 ? "" : html`data-live="talk:${group ?? ""}"`;
  return html`<div class="head">
      <h1>${welcome.group ?? "Your direct chat"}</h1>
      ${groups.length === 0 ? "" : chatsOf(groups, group)}
    </div>
    ${
      past.length < last || last === moreMessages
        ? ""
        : html`<p><a href="${path}?last=${moreMessages}">Earlier messages</a></p>`
    }
    <section class="list" aria-label="Messages" ${live}>${news} ${messagesOf(options)}</section>
    <form class="say" id="say" method="post" enctype="multipart/form-data" action="${path}">
      ${hidden("form", signedIn.formToken)}${hidden("id", nextId)}
      <label
        >Your message
        <textarea name="text" id="text" rows="3" maxlength="${longestText}" required>${draft}</textarea>
      </label>
      <label class="file">Files, at most 20 MB <input type="file" name="file" multiple /></label>
      <button class="primary">Send</button>
      <span class="quiet">as ${welcome.userId}</span>
    </form>`;
};

const chatsOf = (groups: TalkOptions["groups"], group: string | null): Html => {
  const isNow = (one: { readonly id: string; readonly name: string }): boolean =>
    group === one.id || group === one.name;
  return tabsOf("Chats", [
    { path: talkPath(null), title: "Direct chat", isHere: group === null },
    ...groups.map((one) => ({ path: talkPath(one.id), title: one.name, isHere: isNow(one) })),
  ]);
};

/** Open cards are at their place; those that came by another chat are at the end. */
const messagesOf = ({ signedIn, group, groups, chat: { past }, waiting, answered }: TalkOptions): Html => {
  const open = new Map(waiting.map((one) => [one.card.id, one]));
  const closed = new Map(answered.map((one) => [one.id, one]));
  const form = { formToken: signedIn.formToken, back: talkPath(group) };
  const named = new Set(past.flatMap(({ card }) => card?.id ?? []));
  const others = waiting.filter(({ card }) => !named.has(card.id));
  const choose = group === null && groups.length > 0 ? " To talk with one group, choose it above." : "";
  const empty = past.length === 0 && others.length === 0;
  return html`${empty ? emptyOf(`Nothing was said here yet.${choose}`) : ""}
    <ol class="talk">
      ${past.map((message) => {
        const asked = open.get(message.card?.id ?? "");
        if (asked !== undefined) return html`<li>${cardOf(asked, form)}</li>`;
        const ended = closed.get(message.card?.id ?? "");
        if (ended !== undefined) return html`<li>${answeredCard(ended, signedIn.userId)}</li>`;
        // The card above has the answer.
        return message.answers !== undefined && named.has(message.answers) && closed.has(message.answers)
          ? ""
          : messageOf(message, group);
      })}
      ${others.map((one) => html`<li>${cardOf(one, form)}</li>`)}
    </ol>
    <p id="writing" class="writing" hidden></p>`;
};

const messageOf = (message: PastMessage, group: string | null): Html => {
  const { at, direction, from, text, card, answers, files = [], failed, id } = message;
  const words =
    card !== undefined
      ? `${card.title} It is closed.`
      : answers === undefined
        ? text
        : `answered ${answers}: ${text}`;
  return html`<li class="${direction === "in" ? "own" : from === null ? "host" : "agent"}">
    <p class="by">${from ?? "host"}, ${timeOf(at)}</p>
    ${failed === true ? said(words, true) : html`<p class="text">${words}</p>`}
    ${
      files.length === 0
        ? ""
        : html`<ul>
            ${files.map(
              ({ name, size }) =>
                html`<li>
                  ${
                    direction === "in"
                      ? name
                      : html`<a href="/talk-file?${fileQuery(group, id, name)}" download="${name}"
                          >${name}</a
                        >`
                  }
                  <span class="quiet">(${size.toLocaleString("en")} bytes)</span>
                </li>`,
            )}
          </ul>`
    }
  </li>`;
};

const fileQuery = (group: string | null, message: string, name: string): string =>
  new URLSearchParams({ chat: group ?? "", message, name }).toString();
