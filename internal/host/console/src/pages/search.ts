import type { AnsweredApproval, AskedApproval } from "@gatehouse/approvals";
import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { decisionTable, type Names } from "./decisions.ts";
import { answeredList } from "./answered.ts";
import { emptyOf, said, stateOf, timeOf, type Html } from "./parts.ts";
import { tableOf, type Row } from "./tables.ts";

/** A message in which the text was found. */
export type Found = {
  /** Who wrote it, or the group whose agent did. */
  readonly from: string;
  readonly at: string;
  readonly text: string;
  /** The page that has it. */
  readonly path: string;
  /** What that page is. */
  readonly place: string;
};

/** What a reader finds. */
export type FoundAll = {
  readonly messages: readonly Found[];
  /** Of the operator. */
  readonly decisions?: ResponseFrame;
  readonly names?: Names;
  /** Of a person: those that they may see. */
  readonly requests?: {
    readonly waiting: readonly AskedApproval[];
    readonly answered: readonly AnsweredApproval[];
  };
};

export type SearchAnswers = {
  /** What was looked for; empty before a search. */
  readonly wanted: string;
  /** Null before a search. */
  readonly found: FoundAll | null;
  /** The person; null is the operator. */
  readonly reader: string | null;
};

/** Most messages, decisions and requests of a search. */
export const mostFound = 50;

/** A search over what the reader may see. */
export const searchPage = ({ wanted, found, reader }: SearchAnswers): Html =>
  html`<h1>Search</h1>
    <form class="filters" method="get" action="/search" role="search">
      <label
        >${reader === null ? "In chats and decisions" : "In your chats and requests"}
        <input type="search" name="q" value="${wanted}" autocomplete="off" maxlength="200" />
      </label>
      <button class="primary">Search</button>
    </form>
    ${found === null ? "" : foundOf(wanted, found, reader)}`;

const foundOf = (
  wanted: string,
  { messages, decisions, names, requests }: FoundAll,
  reader: string | null,
): Html =>
  html`${partOf(
    "Messages",
    messages.length === 0
      ? emptyOf("No message has this text.")
      : html`<ol class="talk">
          ${messages.map(
            ({ from, at, text, path, place }) =>
              html`<li class="agent">
                <p class="by">${from}, ${timeOf(at)}, <a href="${path}">${place}</a></p>
                <p class="text">${markedIn(text, wanted)}</p>
              </li>`,
          )}
        </ol>`,
  )}
  ${requests === undefined ? "" : partOf("Requests", requestsOf(requests, reader))}
  ${
    decisions === undefined
      ? ""
      : partOf(
          "Decisions",
          decisions.ok
            ? tableOf(
                { ...decisionTable(names ?? new Map()), empty: "No decision has this text." },
                decisions.data as readonly Row[],
              )
            : said(decisions.error.message, true),
        )
  }`;

const partOf = (title: string, body: Html): Html =>
  html`<section class="part" aria-labelledby="${title.toLowerCase()}">
    <h2 id="${title.toLowerCase()}">${title}</h2>
    ${body}
  </section>`;

const requestsOf = ({ waiting, answered }: NonNullable<FoundAll["requests"]>, reader: string | null): Html =>
  waiting.length + answered.length === 0
    ? emptyOf("No request has this text.")
    : html`${
        waiting.length === 0
          ? ""
          : html`<ul>
              ${waiting.map(
                ({ asks, card }) =>
                  html`<li>
                    ${stateOf("wait", "Waits")} <a href="/waiting#${card.id}"><code>${asks}</code></a>
                  </li>`,
              )}
            </ul>`
      }
      ${answered.length === 0 ? "" : answeredList(answered, reader)}`;

/** Characters around the first match that are shown. */
const around = 160;

/** The text around the first match, with each match marked. */
const markedIn = (text: string, wanted: string): Html => {
  const lower = text.toLowerCase();
  const first = Math.max(0, lower.indexOf(wanted.toLowerCase()) - around);
  const shown = text.slice(first, first + 2 * around + wanted.length);
  const parts: (Html | string)[] = [first === 0 ? "" : "…"];
  let at = 0;
  for (;;) {
    const next = wanted === "" ? -1 : shown.toLowerCase().indexOf(wanted.toLowerCase(), at);
    if (next === -1) break;
    parts.push(shown.slice(at, next), html`<mark>${shown.slice(next, next + wanted.length)}</mark>`);
    at = next + wanted.length;
  }
  parts.push(shown.slice(at), first + shown.length < text.length ? "…" : "");
  return html`${parts}`;
};
