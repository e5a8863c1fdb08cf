import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { emptyOf, idOf, said, timeOf, type Html } from "./parts.ts";
import { sessionState, textIn, valueOf, type Row } from "./tables.ts";

/** A row of `sessions messages`. */
type Message = {
  readonly id: string;
  readonly channel: string | null;
  readonly text: string;
  readonly received_at: string;
  readonly kept_at: string | null;
  readonly in_work_since: string | null;
  readonly tries: number;
  readonly status: string;
  readonly reason: string | null;
  readonly answers: readonly {
    readonly at: string;
    readonly status: string;
    readonly settled_at: string | null;
  }[];
};

/** A place that a message has reached, or at which it waits. */
type Station = { readonly name: string; readonly at: string | null; readonly isTrouble?: true };

/** A session: its state, and the way of each of its last messages. */
export const sessionPage = ({
  session,
  messages,
  group,
}: Readonly<Record<"session" | "messages", ResponseFrame>> & {
  /** Its group; null without a session. */
  readonly group: ResponseFrame | null;
}): Html => {
  if (!session.ok) return said(session.error.message, true);
  const row = session.data as Row;
  const name = group?.ok === true ? textIn((group.data as Row)["name"]) : "";
  return html`<div class="head">
      <h1>${name === "" ? "A session" : `A session of ${name}`}</h1>
      ${sessionState(row)}
    </div>
    <p class="quiet">
      Last active ${valueOf(row["last_active"])} ·
      <a href="/groups/${encodeURIComponent(textIn(row["agent_group_id"]))}">Its group</a> ·
      ${idOf(textIn(row["id"]))}
    </p>
    <section class="part" aria-labelledby="ways">
      <h2 id="ways">The way of its last messages</h2>
      ${messages.ok ? waysOf(messages.data as readonly Message[]) : said(messages.error.message, true)}
    </section>
    <details>
      <summary>All that is known of the session</summary>
      <dl class="box">
        ${Object.entries(row)
          .filter(([name, value]) => name !== "id" && value !== null && value !== "")
          .map(
            ([name, value]) =>
              html`<dt>${name.replaceAll("_", " ")}</dt>
                <dd>${valueOf(value)}</dd>`,
          )}
      </dl>
    </details>`;
};

const waysOf = (messages: readonly Message[]): Html =>
  messages.length === 0
    ? emptyOf("No message is kept for this session.")
    : html`<ol class="ways">
        ${messages.map(
          (message) =>
            html`<li>
              <p class="text">${message.text === "" ? "(no text)" : message.text}</p>
              <ol class="way">
                ${stationsOf(message).map(
                  ({ name, at, isTrouble }) =>
                    html`<li class="${isTrouble === true ? "trouble" : at === null ? "next" : "reached"}">
                      ${name}
                      ${
                        at === null
                          ? ""
                          : at === message.received_at
                            ? timeOf(at)
                            : html`<span class="quiet" title="${at}"
                                >${afterText(message.received_at, at)}</span
                              >`
                      }
                    </li>`,
                )}
              </ol>
            </li>`,
        )}
      </ol>`;

/** The stations of a message in their order, as far as its rows tell of them. */
export const stationsOf = (message: Message): readonly Station[] => {
  const { channel, received_at, kept_at, in_work_since, tries, status, reason, answers } = message;
  const received = { name: channel === null ? "Received" : `Received by ${channel}`, at: received_at };
  const kept = kept_at === null ? [] : [{ name: "Kept for the agent", at: kept_at }];
  const retried = tries === 0 ? "" : `, after ${tries} ${tries === 1 ? "try" : "tries"} without an answer`;
  const waits = { name: `Waits for the agent${retried}`, at: null };
  const inWork = in_work_since === null ? waits : { name: `In work${retried}`, at: in_work_since };
  const failed = { name: `Failed: ${reason ?? "no reason is known"}`, at: null, isTrouble: true } as const;
  const given = answers.flatMap(({ at, status: state, settled_at }): readonly Station[] => [
    { name: "Answered", at },
    state === "failed"
      ? { name: "Not delivered", at: settled_at, isTrouble: true }
      : {
          name: state === "delivered" ? "Delivered" : "Waits for delivery",
          at: state === "delivered" ? settled_at : null,
        },
  ]);
  const silent = { name: "Ended without an answer", at: null };
  return [
    received,
    ...kept,
    ...(status === "pending" ? [inWork] : []),
    ...given,
    ...(status === "failed" ? [failed] : []),
    ...(status === "completed" && given.length === 0 ? [silent] : []),
  ];
};

/** `after 1.2 s`, `after 3 min`. */
const afterText = (from: string, to: string): string => {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds < 60) return `after ${seconds.toFixed(1)} s`;
  if (seconds < 5400) return `after ${Math.round(seconds / 60)} min`;
  return `after ${Math.round(seconds / 3600)} h`;
};
