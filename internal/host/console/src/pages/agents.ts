import { nameOf, type HeldAgent, type HeldFailure } from "@gatehouse/held-client";
import { html } from "hono/html";
import { visible, type Result } from "@gatehouse/std";
import type { SignedIn } from "../sign-ins.ts";
import { hidden, news, said, timeOf, type Html } from "./page.ts";
import { screenOf } from "./screen.ts";
import { tableOf } from "./tables.ts";

const agentTable = {
  title: "Agents",
  columns: ["agent", "state", "provider", "folder", "since"],
  empty: "No agent is held here. On the host's machine: gatehouse launch TEAM.yaml",
};

/** The agents that `gatehouse launch` and `gatehouse run` hold. */
export const agentsPage = (agents: readonly HeldAgent[]): Html =>
  html`<h1>Agents</h1>
    ${tableOf(
      agentTable,
      agents.map((agent) => ({ ...agent, agent: nameOf(agent) })),
      ({ id }) => `/agents/${encodeURIComponent(String(id))}`,
    )}`;

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
    <section aria-label="Screen" ${isLive ? html`data-live="agent:${id}"` : ""}>
      ${news}
      <p class="quiet">${provider} in ${folder}: ${state} since ${timeOf(since)}</p>
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
          : html`<section class="card" aria-labelledby="question">
              <h2 id="question">It asks</h2>
              <pre>${question.text.split("\n").map(visible).join("\n")}</pre>
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
            <button>Send</button>
          </form>`
        : ""
    }
    <form method="post" action="${path}/stop">
      ${hidden("form", formToken)}
      <button>${isLive ? "Stop the agent" : "Remove it from the list"}</button>
    </form>`;
};
