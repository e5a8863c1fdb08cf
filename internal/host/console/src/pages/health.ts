import { html } from "hono/html";
import type { CentralStatus } from "@gatehouse/session-rows";
import type { SignedIn } from "../sign-ins.ts";
import { countOf, emptyOf, hidden, sinceOf, stateOf, timeOf, type Html } from "./parts.ts";
import { tableOf, type Table } from "./tables.ts";

type Waiting = CentralStatus["approvals"];

/** What waits in a host, and what it is called on the page. */
const waits = (
  status: CentralStatus,
): readonly (readonly [name: string, title: string, waiting: Waiting])[] => [
  ["approvals", "Approvals that wait for a person", status.approvals],
  ["questions", "Questions that wait for a person", status.questions],
  ["intents", "Acts that are not carried out yet", status.intents],
  ["local_messages", "Messages that no session has taken yet", status.localMessages],
];

/** A row of `gatehouse status` that the page does not count itself. */
export type StatusRow = {
  readonly name: string;
  /** A sentence. Times in it are ISO 8601, UTC. */
  readonly text: string;
  /** True for what a person has to mend. */
  readonly isWrong: boolean;
};

/** What `gatehouse doctor` said. */
export type DoctorResult = {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** One sentence about all of it. */
  readonly verdict: string;
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly state: "ok" | "warn" | "fail";
    readonly message: string;
    readonly fix: string | null;
  }[];
};

export type HealthAnswers = {
  readonly status: CentralStatus;
  readonly rows: readonly StatusRow[];
  /** Null if it was not run since the host started. */
  readonly doctor: DoctorResult | null;
};

/** What the host does, what waits, and what is wrong: first in one line, then all of it. */
export const healthPage = (answers: HealthAnswers, { formToken }: SignedIn): Html => {
  const { status, rows, doctor } = answers;
  return html`<h1>Health</h1>
    ${verdictOf(answers)}
    <div class="plots">
      <section class="part" aria-labelledby="work">
        <h2 id="work">What it does</h2>
        <dl class="box">
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
                <dd>
                  ${
                    oldest === null
                      ? stateOf("off", "None")
                      : html`${stateOf("wait", String(count))}, the oldest ${timeOf(oldest)}`
                  }
                </dd>`,
          )}
        </dl>
      </section>
      ${
        rows.length === 0
          ? ""
          : html`<section class="part" aria-labelledby="host">
              <h2 id="host">The host</h2>
              <dl class="box">
                ${rows.map(
                  ({ name, text, isWrong }) =>
                    html`<dt>${name}</dt>
                      <dd>${isWrong ? html`${lookOf("fail")} ` : ""}${withTimes(text)}</dd>`,
                )}
              </dl>
            </section>`
      }
    </div>
    <section class="part" aria-labelledby="doctor">
      <div class="head">
        <h2 id="doctor">Checks</h2>
        <form method="post" action="/health/doctor">
          ${hidden("form", formToken)}<button>
            ${doctor === null ? "Run the checks" : "Run them again"}
          </button>
        </form>
      </div>
      ${doctor === null ? emptyOf(notRun) : doctorOf(doctor)}
    </section>`;
};

/** One line: whether everything works, or what needs a person. Each thing is named once, as the rows below name it. */
const verdictOf = ({ status, rows, doctor }: HealthAnswers): Html => {
  const checks = doctor?.checks ?? [];
  const requests = status.approvals.count + status.questions.count;
  const wrong = [
    ...new Set([
      ...rows.filter(({ isWrong }) => isWrong).map(({ name }) => name),
      ...checks.filter(({ state }) => state === "fail").map(({ name }) => name),
    ]),
  ];
  const things = [
    ...(requests === 0 ? [] : [html`<a href="/waiting">${countOf(requests, "request")}</a>`]),
    ...wrong,
  ];
  const warnings = checks.filter(({ state }) => state === "warn").length;
  const unchecked = doctor === null ? " The checks were not run since the host started." : "";
  if (things.length === 0)
    return html`<p>
      ${lookOf("ok")} Everything
      works${warnings === 0 ? "" : `, with ${countOf(warnings, "warning")}`}.${unchecked}
    </p>`;
  const named = things.map((thing, index) => html`${index === 0 ? "" : ", "}${thing}`);
  return html`<p>
    ${wrong.length === 0 ? stateOf("wait", "Waits") : lookOf("fail")} What needs you: ${named}.${unchecked}
  </p>`;
};

const isoTime = /((?:since|at) )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/g;

/** A sentence with its times as elsewhere on the pages. */
const withTimes = (text: string): Html => {
  const parts: (Html | string)[] = [];
  let end = 0;
  for (const { index, 0: all, 1: word, 2: iso = "" } of text.matchAll(isoTime)) {
    parts.push(text.slice(end, index), word === "since " ? sinceOf(iso) : timeOf(iso));
    end = index + all.length;
  }
  return html`${parts}${text.slice(end)}`;
};

const notRun = html`The checks of <code>gatehouse doctor</code> were not run since the host started. They take
  a few seconds, and say what agents need and how to mend it.`;

const looks = { ok: ["ok", "Fine"], warn: ["wait", "Look at it"], fail: ["bad", "Wrong"] } as const;

const lookOf = (state: keyof typeof looks): Html => {
  const [tone, word] = looks[state];
  return stateOf(tone, word);
};

const checkTable: Table<DoctorResult["checks"][number]> = {
  title: "Checks",
  columns: [
    { label: "Check", of: ({ name }) => name },
    { label: "Result", of: ({ state }) => lookOf(state) },
    { label: "What it found", of: ({ message }) => message },
    { label: "What to do", of: ({ fix }) => (fix === null ? "nothing" : html`<code>${fix}</code>`) },
  ],
  empty: "There was nothing to check.",
};

const doctorOf = ({ at, ok, verdict, checks }: DoctorResult): Html =>
  html`<p>
      ${stateOf(ok ? "ok" : "bad", ok ? "Ready" : "Not ready")} ${verdict}
      <span class="quiet small">${timeOf(at)}</span>
    </p>
    ${tableOf(checkTable, checks)}`;

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
