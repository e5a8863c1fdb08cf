import type { AnsweredApproval } from "@gatehouse/approvals";
import { html } from "hono/html";
import { idOf, stateOf, timeOf, type Html, type Tone } from "./parts.ts";

const endings: Readonly<Record<AnsweredApproval["status"], readonly [tone: Tone, word: string]>> = {
  approved: ["ok", "Approved"],
  rejected: ["bad", "Rejected"],
  failed: ["bad", "Failed"],
  expired: ["off", "Expired"],
};

/** Cards that wait no longer, folded: what was asked, who decided, when and why. `reader`: null is the operator. */
export const answeredList = (answered: readonly AnsweredApproval[], reader: string | null): Html =>
  html`<div class="list">${answered.map((one) => answeredCard(one, reader))}</div>`;

/** One of them. */
export const answeredCard = (answered: AnsweredApproval, reader: string | null): Html => {
  const { id, lines, names, at, why, group, chat } = answered;
  return html`<details class="done" id="done-${id}">
    <summary>
      ${endingOf(answered)} <code>${summaryOf(answered)}</code>
      <span class="quiet small">${deciderOf(answered, reader)}${timeOf(at)}</span>
    </summary>
    <div>
      <pre>${[...names, ...lines].map((line) => `${line}\n`)}</pre>
      ${why === null ? "" : html`<p>${why}</p>`}
      <p class="quiet small">
        ${group === null ? "" : `Asked by ${group}`}${chat === null ? "" : ` in ${chat}`} ${idOf(id)}
      </p>
    </div>
  </details>`;
};

/** What was asked, on one line. Of a tool, what it would have done. */
const summaryOf = ({ kind, asks, lines }: AnsweredApproval): string =>
  kind === "tool" && lines.length > 0 ? lines.join(" ") : asks;

const endingOf = ({ status }: AnsweredApproval): Html => {
  const [tone, word] = endings[status];
  return stateOf(tone, word);
};

const deciderOf = ({ by, byName }: AnsweredApproval, reader: string | null): string => {
  if (by === null) return "";
  if (by === (reader ?? "operator")) return "by you, ";
  return `by ${by === "operator" ? "the operator" : (byName ?? by)}, `;
};

/** How a card ended, for the person who has just answered it. */
export const outcomeOf = (answered: AnsweredApproval, reader: string | null): string => {
  const [, word] = endings[answered.status];
  const by = deciderOf(answered, reader).replace(/, $/, "");
  const names = answered.names.length === 0 ? "" : ` (${answered.names.join(", ")})`;
  return `${word}${by === "" ? "" : ` ${by}`}: ${answered.asks}${names}${answered.status === "failed" && answered.why !== null ? `. ${answered.why}` : ""}`;
};
