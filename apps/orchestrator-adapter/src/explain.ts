import type { Happening, Whose } from "./events.ts";
import type { Sight } from "./read-sight.ts";

/** What an unanswered screen means for the agent. */
export const explainSight = (sight: Exclude<Sight, { type: "ready" }>): string =>
  sight.type === "trust"
    ? `The agent asks whether this folder is trusted (${sight.dialog}). No key is pressed here.`
    : `The agent waits for a person (${sight.dialog}, ${sight.code}). No key is pressed here.`;

/** What it means that no rule reads the screen of this CLI. */
export const explainUnproven = ({ provider }: Pick<Whose, "provider">): string =>
  `No rule reads the screen of ${provider}, so its "ready" and its questions are not reported.`;

/** What it means that no guard process watches the adapter. */
export const explainUnguarded = (detail: string): string =>
  `The agent may outlive the adapter if that is killed: its guard could not be started (${detail}).`;

/** Describes an event in one line for a person. */
export const explainHappening = (happening: Happening, { provider, folder }: Whose): string => {
  switch (happening.event) {
    case "held":
      return `${provider} is held in ${folder} (process ${happening.pid}).`;
    case "started":
      return `${provider} was started in ${folder}.`;
    case "ready":
      return `${provider} waits for a prompt in ${folder}.`;
    case "workspace_trust_required":
      return `${provider} may not run in ${folder} before it is trusted. ${happening.why} ${prepare[provider] ?? ""}`.trimEnd();
    case "diagnostic":
      return `${happening.code}: ${happening.why}`;
    case "exited":
      return `${provider} ended (exit ${happening.exitCode})${happening.why === undefined ? "." : `: ${lastLine(happening.why)}`}`;
  }
};

const lastLine = (text: string): string => text.split("\n").at(-1)?.trim() ?? "";

/** The command that makes a folder trusted, for the providers that have one. */
const prepare: { readonly [provider: string]: string } = {
  claude: "Prepare it with workspace-trust.",
  codex: "Pass its trust in --settings.",
};
