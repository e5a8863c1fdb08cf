import type { AnsweredApproval, AskedApproval, AskedApprovals } from "@gatehouse/approvals";
import { html } from "hono/html";
import type { CardOption } from "@gatehouse/std";
import type { SignedIn } from "../sign-ins.ts";
import { answeredList } from "./answered.ts";
import { emptyOf, hidden, idOf, timeOf, untilOf, type Html } from "./parts.ts";

/** What waits for the reader, and what was answered last. */
export type Waiting = AskedApprovals & { readonly answered: readonly AnsweredApproval[] };

/** The cards that wait for the reader, the longest wait first, and below them those that were answered. */
export const waitingPage = ({ approvals, more, answered }: Waiting, { userId, formToken }: SignedIn): Html =>
  html`<h1>
      ${approvals.length === 0 ? "Nothing waits for you" : `${approvals.length + more} waiting for you`}
    </h1>
    <div class="two">
      <div class="list">
        ${
          approvals.length === 0
            ? emptyOf(
                html`What an agent asks for appears here by itself. To try it, let an agent ask: write to one
                  in Talk, or with <code>gatehouse chat</code>.`,
              )
            : approvals.map((one) => cardOf(one, { formToken }))
        }
        ${
          more === 0
            ? ""
            : html`<p class="quiet">And ${more} more, which are newer: answer some of these first.</p>`
        }
      </div>
      ${
        answered.length === 0
          ? ""
          : html`<section class="part" aria-labelledby="answered">
              <h2 id="answered">Answered</h2>
              ${answeredList(answered, userId)}
            </section>`
      }
    </div>`;

type CardForm = {
  readonly formToken: string;
  /** The page to which an answer leads; without it the page of all that waits. */
  readonly back?: string;
};

/** A card: what would run first, then who asks, and then its options as buttons. */
export const cardOf = (asked: AskedApproval, form: CardForm): Html => {
  const { card, kind } = asked;
  const { what, more, rules } = linesOf(asked);
  const title = html`<h2 id="title-${card.id}">${withoutId(card.title, card.id)}</h2>`;
  const shown = what.length === 0 ? "" : html`<pre class="${whatClass(what)}">${what.map(whatLine)}</pre>`;
  // A tool or a command says by itself what it is. Of a question or a stranger, the title says it.
  const isCommand = kind === "tool" || kind === "command";
  return html`<section class="card ask" id="${card.id}" aria-labelledby="title-${card.id}">
    ${isCommand ? html`${shown}${title}` : html`${title}${shown}`}
    <p class="quiet small">${askedBy(asked)}</p>
    ${more.length === 0 ? "" : html`<pre>${more.map(lineOf)}</pre>`} ${formOf(asked, rules, form)}
    <p class="small">${idOf(card.id)}</p>
  </section>`;
};

const whatClass = (lines: readonly string[]): string =>
  lines.length > 6 || lines.some(({ length }) => length > 400) ? "what long" : "what";

/** `May Home use Bash? (ap-1)` without the id, which is at the end of the card. */
const withoutId = (title: string, id: string): string =>
  title.endsWith(` (${id})`) ? title.slice(0, -` (${id})`.length) : title;

const askedBy = ({ group, chat, since, until }: AskedApproval): Html =>
  html`${group === null ? "Asked" : `Asked by ${group}`}${chat === null ? "" : ` in ${chat}`},
  ${timeOf(since)} · ${untilOf(until)}, then it expires`;

type Lines = {
  /** What runs, or what is asked. */
  readonly what: readonly string[];
  readonly more: readonly string[];
  /** What each option `always:N` would match, by the id of the option. */
  readonly rules: ReadonlyMap<string, string>;
};

/** The parts of a card. No line of an agent begins as one of the host does, so each has its place by its beginning. */
const linesOf = ({ card, decides, until }: AskedApproval): Lines => {
  const own = card.lines.filter((line) => line !== `It can be answered until ${until}.`);
  const above = own.slice(0, own.length - decides);
  const rules = new Map<string, string>();
  for (const { id } of card.options) {
    const begin = `Rule ${/^always:(\d+)$/.exec(id)?.[1] ?? ""} that its CLI suggests: `;
    const [line, ...others] = above.filter((one) => one.startsWith(begin));
    if (line !== undefined && others.length === 0) rules.set(id, line.slice(begin.length));
  }
  const isRule = (line: string): boolean =>
    [...rules].some(
      ([id, rule]) => line === `Rule ${id.slice("always:".length)} that its CLI suggests: ${rule}`,
    );
  return { what: own.slice(own.length - decides), more: above.filter((line) => !isRule(line)), rules };
};

/** Letters of a flag that stays on one row: a browser would break it behind a hyphen. */
const mostUnbroken = 30;

const unbroken = (text: string): Html =>
  html`${text.split(/(\s+)/).map((word) => (word.startsWith("-") && word.length <= mostUnbroken ? html`<span class="flag">${word}</span>` : word))}`;

/** A line of a card. Its further rows, on a narrow screen, look like no line of their own. */
const lineOf = (line: string): Html =>
  html`<span class="${line.startsWith("> ") ? "line quoted" : "line"}">${unbroken(line)}${"\n"}</span>`;

/** A field, its value in JSON: the value is what one reads, so its name and its quotation marks are small. */
const field = /^([\w.[\]-]{1,110}(?: leads to)?: )(")(.*)(")$/s;

const whatLine = (line: string): Html => {
  const [, name, open, value, close] = line.startsWith("> ") ? [] : (field.exec(line) ?? []);
  return name === undefined
    ? lineOf(line)
    : html`<span class="line"
        ><span class="field">${name}</span><span class="sign">${open}</span>${unbroken(value ?? "")}<span
          class="sign"
          >${close}</span
        >${"\n"}</span
      >`;
};

const isAlways = ({ id }: CardOption): boolean => id.startsWith("always");

/**
 * The options. Enter in a reason answers nothing: it presses the form's first button, which is none of the options. Words
 * are sent with the option beside them; those of another option are refused with it.
 */
const formOf = (asked: AskedApproval, rules: Lines["rules"], { formToken, back }: CardForm): Html => {
  const { card } = asked;
  const plain = card.options.filter((option) => option.words === undefined && !isAlways(option));
  const always = card.options.filter(isAlways);
  const isReject = ({ id }: CardOption): boolean => id === "reject";
  const primary = plain.filter((option) => !isReject(option)).length === 1;
  return html`<form class="options" method="post" action="/waiting/${encodeURIComponent(card.id)}">
    <button disabled hidden></button>
    ${hidden("form", formToken)}${hidden("seen", card.digest)}
    ${back === undefined ? "" : hidden("back", back)}
    ${plain.map((option) => buttonOf(card.id, option, isReject(option) ? "danger" : primary ? "primary" : ""))}
    ${always.length === 0 ? "" : alwaysOf(asked, always, rules)}
    ${card.options.filter(({ words }) => words !== undefined).map((option) => wordsOf(card.id, option))}
  </form>`;
};

const buttonOf = (cardId: string, { id, label }: Pick<CardOption, "id" | "label">, look: string): Html =>
  html`<button
    name="option"
    value="${id}"
    id="option-${cardId}-${id}"
    ${look === "" ? "" : html`class="${look}"`}
  >
    ${label}
  </button>`;

/** An option with a field for words beside it. */
const wordsOf = (cardId: string, option: CardOption): Html => {
  const { id, label, words } = option;
  const isReject = id === "reject";
  const name = isReject ? "Reason (sent with Reject)" : words === "required" ? label : `Words for: ${label}`;
  const button = isReject ? { id, label: "Reject" } : { id, label: words === "required" ? "Answer" : label };
  return html`<div class="reason">
    <label
      >${name}
      <input type="text" name="words-${id}" id="words-${cardId}-${id}" autocomplete="off" maxlength="4000" />
    </label>
    ${buttonOf(cardId, button, isReject ? "danger" : "")}
  </div>`;
};

/** The options that hold from now on, each with all that it would match. */
const alwaysOf = (
  { card, group, ...asked }: AskedApproval,
  options: readonly CardOption[],
  rules: Lines["rules"],
): Html =>
  html`<details class="always" id="always-${card.id}">
    <summary class="button">Always allow…</summary>
    <ul>
      ${options.map((option) => {
        const rule = rules.get(option.id);
        return html`<li>
          <p class="small">
            ${
              rule === undefined
                ? `From now on, ${group ?? "the group"} may do exactly this, with all values of this card, without asking:`
                : `From now on, ${group ?? "the group"} may do all that its CLI matches with this rule, without asking:`
            }
          </p>
          <pre>
${rule === undefined ? linesOf({ card, group, ...asked }).what.map(lineOf) : lineOf(rule)}</pre>
          ${buttonOf(card.id, option, "")}
        </li>`;
      })}
    </ul>
  </details>`;
