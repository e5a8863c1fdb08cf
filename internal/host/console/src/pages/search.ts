import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { decisionTable, type Names } from "./decisions.ts";
import { emptyOf, said, timeOf, type Html } from "./parts.ts";
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

export type SearchAnswers = {
  /** What was looked for; empty before a search. */
  readonly wanted: string;
  readonly messages: readonly Found[];
  /** Null for a reader without a right to it. */
  readonly decisions: ResponseFrame | null;
  readonly names: Names;
};

/** Most messages and decisions of a search. */
export const mostFound = 50;

/** A search over the chats and the decisions that the reader may see. */
export const searchPage = ({ wanted, messages, decisions, names }: SearchAnswers): Html =>
  html`<h1>Search</h1>
    <form class="filters" method="get" action="/search" role="search">
      <label
        >In chats and decisions
        <input type="search" name="q" value="${wanted}" autocomplete="off" maxlength="200" />
      </label>
      <button class="primary">Search</button>
    </form>
    ${wanted === "" ? "" : foundOf({ wanted, messages, decisions, names })}`;

const foundOf = ({ wanted, messages, decisions, names }: SearchAnswers): Html =>
  html`<section class="part" aria-labelledby="messages">
      <h2 id="messages">Messages</h2>
      ${
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
            </ol>`
      }
    </section>
    ${
      decisions === null
        ? ""
        : html`<section class="part" aria-labelledby="decisions">
            <h2 id="decisions">Decisions</h2>
            ${
              decisions.ok
                ? tableOf(
                    { ...decisionTable(names), empty: "No decision has this text." },
                    decisions.data as readonly Row[],
                  )
                : said(decisions.error.message, true)
            }
          </section>`
    }`;

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
