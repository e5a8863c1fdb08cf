import { html } from "hono/html";
import type { CardOption, WaitingApproval, WaitingApprovals } from "@gatehouse/std";
import type { SignedIn } from "../sign-ins.ts";
import { hidden, type Html, timeOf } from "./page.ts";

/** The cards that wait for the reader, the longest wait first. */
export const waitingCards = ({ approvals, more }: WaitingApprovals, { formToken }: SignedIn): Html =>
  html`<h1>
      ${approvals.length === 0 ? "Nothing waits for you" : `${approvals.length + more} waiting for you`}
    </h1>
    ${
      approvals.length === 0
        ? html`<p class="quiet">
            What an agent asks for appears here by itself. To try it, let an agent ask: write to one with
            <code>gatehouse chat</code>.
          </p>`
        : approvals.map((one) => cardOf(one, { formToken }))
    }
    ${more === 0 ? "" : html`<p class="quiet">And ${more} more, which are newer: answer some of these first.</p>`}`;

type CardForm = {
  readonly formToken: string;
  /** The page to which an answer leads; without it the page of all that waits. */
  readonly back?: string;
};

/**
 * A card with its options as buttons. Enter in the words answers nothing: it presses the form's first button, which is none
 * of the options.
 */
export const cardOf = ({ card, since }: WaitingApproval, { formToken, back }: CardForm): Html => {
  const takesWords = card.options.some(({ words }) => words !== undefined);
  return html`<section class="card" id="${card.id}" aria-labelledby="title-${card.id}">
    <h2 id="title-${card.id}">${card.title}</h2>
    <p class="quiet">Asked ${timeOf(since)}</p>
    <pre>${card.lines.map(lineOf)}</pre>
    <form class="options" method="post" action="/waiting/${encodeURIComponent(card.id)}">
      <button disabled hidden></button>
      ${hidden("form", formToken)}${hidden("seen", card.digest)}
      ${back === undefined ? "" : hidden("back", back)}
      ${
        takesWords
          ? html`<label
              >Your words
              (${card.options
                .filter(({ words }) => words !== undefined)
                .map(wordsOf)
                .join("; ")})
              <input type="text" name="words" id="words-${card.id}" autocomplete="off" maxlength="4000" />
            </label>`
          : ""
      }
      ${card.options.map(
        ({ id, label }) =>
          html`<button name="option" value="${id}" id="option-${card.id}-${id}">${label}</button>`,
      )}
    </form>
  </section>`;
};

/** A line of a card. Its further rows, on a narrow screen, look like no line of their own. */
const lineOf = (line: string): Html =>
  html`<span class="${line.startsWith("> ") ? "line quoted" : "line"}">${line}${"\n"}</span>`;

const wordsOf = ({ label, words }: CardOption): string =>
  `${words === "required" ? "needed for" : "if you like, for"} "${label}"`;
