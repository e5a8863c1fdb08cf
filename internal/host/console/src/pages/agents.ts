import { nameOf, type HeldAgent, type HeldFailure } from "@gatehouse/held-client";
import { html } from "hono/html";
import { parseJson, visible, type Result } from "@gatehouse/std";
import type { SignedIn } from "../sign-ins.ts";
import { news } from "./page.ts";
import { hidden, said, stateOf, timeOf, type Html, type Tone } from "./parts.ts";
import { screenOf } from "./screen.ts";
import { linkTo, sessionState, tableOf, textIn, type Row, type Table } from "./tables.ts";

/** The states of held agents. A state that is not here is shown as it is. */
const tones: Readonly<Record<string, Tone>> = {
  ready: "ok",
  working: "ok",
  running: "ok",
  waiting: "wait",
  ended: "off",
  lost: "bad",
};

const heldState = (state: string): Html =>
  stateOf(tones[state] ?? "off", `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`);

/** An agent that runs, of a team or of a group. */
type Shown = {
  readonly name: Html;
  readonly of: Html | string;
  readonly state: Html;
  readonly provider: string;
  readonly place: Html | string;
  readonly since: string | null;
};

const heldRow = (agent: HeldAgent): Shown => ({
  name: linkTo(`/agents/${encodeURIComponent(agent.id)}`, nameOf(agent), agent.id),
  of: agent.team === null ? "one agent" : `team ${agent.team}`,
  state: heldState(agent.state),
  provider: agent.provider,
  place: html`<code>${agent.folder}</code>`,
  since: agent.since,
});

const groupRow = (session: Row): Shown => ({
  name: linkTo(`/sessions/${encodeURIComponent(textIn(session["id"]))}`, session["group"], "(no name)"),
  of: "group",
  state: sessionState(session),
  provider: providerIn(session["container_agent"]),
  place: textIn(session["chat"]) || "all its chats",
  since: typeof session["last_active"] === "string" ? session["last_active"] : null,
});

/** The provider and model with which a session's agent started: `{"provider":{"value":"claude"},...}`. */
const providerIn = (started: unknown): string => {
  const chosen = (typeof started === "string" ? parseJson(started) : started) as Readonly<
    Record<string, { readonly value?: unknown } | undefined>
  > | null;
  return ["provider", "model"]
    .map((name) => textIn(chosen?.[name]?.value))
    .filter((text) => text !== "")
    .join(" ");
};

const agentTable: Table<Shown> = {
  title: "Agents",
  columns: [
    { label: "Agent", of: ({ name }) => name },
    { label: "Team or group", of: ({ of }) => of },
    { label: "State", of: ({ state }) => state },
    { label: "Provider", of: ({ provider }) => provider },
    { label: "Folder or chat", of: ({ place }) => place },
    { label: "Last change", of: ({ since }) => (since === null ? "-" : timeOf(since)) },
  ],
  empty: html`No agent runs. Write to one in Talk, or on the host's machine:
    <code>gatehouse launch TEAM.yaml</code>`,
};

/** The agents that `gatehouse launch` and `gatehouse run` hold, and those of groups that run. */
export const agentsPage = (held: readonly HeldAgent[], sessions: readonly Row[]): Html =>
  html`<h1>Agents</h1>
    ${tableOf(agentTable, [...held.map(heldRow), ...sessions.map(groupRow)])}`;

export type AgentScreen = {
  /** Its rows, redacted. */
  readonly screen: Result<readonly string[], HeldFailure>;
  /** What draws it in colours; null if it is not known. */
  readonly paint: string | null;
};

/** An agent: its screen as text, its question, and forms to speak to it. */
export const agentPage = (
  agent: HeldAgent,
  { screen, paint }: AgentScreen,
  { formToken }: SignedIn,
): Html => {
  const { id, state, since, provider, folder, question, notice } = agent;
  const path = `/agents/${encodeURIComponent(id)}`;
  const isLive = state !== "ended" && state !== "lost";
  return html`<h1>${nameOf(agent)}</h1>
    <section class="list" aria-label="Screen" ${isLive ? html`data-live="agent:${id}"` : ""}>
      ${news}
      <p class="quiet">${heldState(state)} since ${timeOf(since)} · ${provider} in <code>${folder}</code></p>
      ${notice === undefined ? "" : said(`${notice.message} ${notice.fix}`)}
      ${
        screen.ok
          ? html`<pre class="screen" role="region" aria-label="Screen of ${nameOf(agent)}" tabindex="0">
${screenOf(screen.value, paint)}</pre>`
          : said(screen.error.message, true)
      }
      ${
        question === undefined
          ? ""
          : html`<section class="card ask" aria-labelledby="question">
              <h2 id="question">It asks</h2>
              <pre class="what long">${question.text.split("\n").map(visible).join("\n")}</pre>
              <form class="options" method="post" action="${path}/answer">
                ${hidden("form", formToken)}${hidden("seen", question.id)}
                ${question.options.map((option) => html`<button name="option" value="${option}">${option}</button>`)}
              </form>
            </section>`
      }
    </section>
    ${
      isLive
        ? html`<form class="say" id="say" method="post" action="${path}/send">
            ${hidden("form", formToken)}
            <label>Your prompt <textarea name="text" id="text" rows="3" required></textarea></label>
            <button class="primary">Send</button>
          </form>`
        : ""
    }
    <form method="post" action="${path}/stop">
      ${hidden("form", formToken)}
      <button class="danger">${isLive ? "Stop the agent" : "Remove it from the list"}</button>
    </form>`;
};
