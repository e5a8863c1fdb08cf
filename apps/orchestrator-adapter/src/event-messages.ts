import type { LaunchEvent, LaunchedAgent } from "./events.ts";
import type { Sight } from "./read-sight.ts";

/** The meaning of an unanswered screen for the agent. */
export const sightMessage = (sight: Exclude<Sight, { type: "ready" }>): string =>
  sight.type === "trust"
    ? `The agent asks whether this folder is trusted (${sight.dialog}). No key is pressed here.`
    : `The agent waits for a person (${sight.dialog}, ${sight.code}). No key is pressed here.`;

/** The consequence of a CLI without a rule pack. */
export const unprovenMessage = ({ provider }: Pick<LaunchedAgent, "provider">): string =>
  `No rule reads the screen of ${provider}, so its "ready" and its questions are not reported.`;

/** The consequence of a missing guard process. */
export const unguardedMessage = (detail: string): string =>
  `The agent may outlive the adapter if that is killed: its guard could not be started (${detail}).`;

/** Describes an event in one line for a person. */
export const eventMessage = (event: LaunchEvent, { provider, folder }: LaunchedAgent): string => {
  switch (event.event) {
    case "held":
      return `${provider} is held in ${folder} (process ${event.pid}).`;
    case "started":
      return `${provider} was started in ${folder}.`;
    case "ready":
      return `${provider} waits for a prompt in ${folder}.`;
    case "workspace_trust_required":
      return `${provider} may not run in ${folder} before it is trusted. ${event.why} ${prepare[provider] ?? ""}`.trimEnd();
    case "diagnostic":
      return `${event.code}: ${event.why}`;
    case "exited":
      return `${provider} ended (exit ${event.exitCode})${event.why === undefined ? "." : `: ${lastLine(event.why)}`}`;
  }
};

const lastLine = (text: string): string => text.split("\n").at(-1)?.trim() ?? "";

/** The way to make a folder trusted, for the providers that have one. */
const prepare: { readonly [provider: string]: string } = {
  claude: "Prepare it with workspace-trust.",
  codex: "Pass its trust in --settings.",
};
