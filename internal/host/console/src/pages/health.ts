import { html } from "hono/html";
import type { CentralStatus } from "@gatehouse/session-rows";
import { timeOf, type Html } from "./page.ts";

type Waiting = CentralStatus["approvals"];

/** What waits in a host, and what it is called on the page. */
const waits = (
  status: CentralStatus,
): readonly (readonly [name: string, title: string, waiting: Waiting])[] => [
  ["approvals", "Approvals that wait for a person", status.approvals],
  ["questions", "Questions that wait for a person", status.questions],
  ["intents", "Acts that are not carried out yet", status.intents],
  ["system_messages", "Notes that no session has taken yet", status.systemMessages],
  ["local_messages", "Messages that no session has taken yet", status.localMessages],
];

/** What the host does and what waits, as `gatehouse status` says it. */
export const healthPage = (status: CentralStatus): Html =>
  html`<h1>Health</h1>
    <dl>
      <dt>Groups</dt>
      <dd>${status.groups}</dd>
      ${Object.entries(status.sessions).map(
        ([state, count]) =>
          html`<dt>Sessions, ${state}</dt>
            <dd>${count}</dd>`,
      )}
      ${waits(status).map(
        ([, title, { count, oldest }]) =>
          html`<dt>${title}</dt>
            <dd>${count}${oldest === null ? "" : html`, the oldest since ${timeOf(oldest)}`}</dd>`,
      )}
    </dl>
    <p class="quiet">
      <code>gatehouse doctor</code> on the host's machine checks what agents need, and says how to mend it.
    </p>`;

/**
 * The same in the text form of Prometheus: counts and ages alone, without a name or a text of anybody. `now` is ISO 8601.
 */
export const metricsText = (status: CentralStatus, now: string): string =>
  [
    "# HELP gatehouse_groups Agent groups.",
    "# TYPE gatehouse_groups gauge",
    `gatehouse_groups ${status.groups}`,
    "# HELP gatehouse_sessions Sessions by the state of their agent.",
    "# TYPE gatehouse_sessions gauge",
    ...Object.entries(status.sessions).map(
      ([state, count]) => `gatehouse_sessions{state="${state}"} ${count}`,
    ),
    "# HELP gatehouse_waiting What waits, by its kind.",
    "# TYPE gatehouse_waiting gauge",
    ...waits(status).map(([name, , { count }]) => `gatehouse_waiting{kind="${name}"} ${count}`),
    "# HELP gatehouse_waiting_oldest_seconds The age of the oldest that waits; 0 if nothing does.",
    "# TYPE gatehouse_waiting_oldest_seconds gauge",
    ...waits(status).map(
      ([name, , { oldest }]) =>
        `gatehouse_waiting_oldest_seconds{kind="${name}"} ${secondsSince(oldest, now)}`,
    ),
    "",
  ].join("\n");

const secondsSince = (oldest: string | null, now: string): number =>
  oldest === null ? 0 : Math.max(0, Math.round((Date.parse(now) - Date.parse(oldest)) / 1000));
