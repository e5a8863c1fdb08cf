import type { ApiName } from "@gatehouse/model-stand-in";
import type { InputPlace } from "../acp/tool-calls.ts";
import type { OwnProvider } from "../container-json.ts";

/**
 * What one step of a trial has shown. `yes`: the agent does what a host needs. `no`: it does not. `not-seen`: the trial could
 * not observe it. `saw` is a sentence with what was observed.
 */
export type StepResult = { readonly outcome: "yes" | "no" | "not-seen"; readonly saw: string };

export type TrialLine = StepResult & { readonly step: string; readonly seconds: number };

/** What a trial has learned about an agent. Fields stay as they are here until a step sets them. */
export type Facts = {
  /** As it names itself, with its version. */
  agent: string;
  api: ApiName | null;
  /** The paths at which it asks its model. */
  paths: readonly string[];
  mode: string | null;
  inputIn: InputPlace | null;
  denialEnds: boolean;
  takesServers: boolean;
  /** What an agent writes before the vendor's words when it tells an error as its own text; null if it does not. */
  errorPrefix: string | null;
};

/** The row of an agent, as `gatehouse providers add` keeps it. */
export type ProposedRow = OwnProvider & {
  readonly v: 1;
  /** How the agent names itself. */
  readonly agent: string;
  readonly api: ApiName;
  readonly paths: readonly string[];
};

/** The end of a trial: the row that it proposes, or the steps for which there is none. */
export type TrialEnd = { readonly row: ProposedRow | null; readonly lacks: readonly string[] };

/** The steps without which an agent cannot answer in a group. */
const needed = ["start", "sign-in", "prompt", "tool asked", "input shown", "allow", "reject"];

type Proposal = {
  readonly lines: readonly TrialLine[];
  readonly facts: Facts;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** Proposes a row, unless the agent lacks what every agent of a group needs. */
export const proposeRow = ({ lines, facts, command, env }: Proposal): TrialEnd => {
  const lacks = needed.filter((name) => lines.find(({ step }) => step === name)?.outcome !== "yes");
  const { agent, api, paths, mode, inputIn, denialEnds, takesServers, errorPrefix } = facts;
  if (lacks.length > 0 || api === null || inputIn === null) return { row: null, lacks };
  return {
    lacks,
    row: {
      v: 1,
      name: nameOf(command),
      agent,
      api,
      paths,
      command,
      env,
      mode,
      inputIn,
      denialEnds,
      takesServers,
      errorPrefix,
    },
  };
};

/** The program's name, as far as it is the name of a provider. */
const nameOf = ([program = ""]: readonly string[]): string =>
  (program.split("/").at(-1) ?? "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 32) || "agent";
