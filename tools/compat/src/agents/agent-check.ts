import type { Box } from "../box/box.ts";
import { inBox } from "../box/in-box.ts";
import { findLeftovers } from "../box/leftovers.ts";
import type { Check } from "../check/check-all.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { compareVersions } from "../clis/version.ts";
import type { Provider } from "@gatehouse/provider-facts";
import type { AgentCli } from "./agent-clis.ts";
import { openLoggedModel, type LoggedModel, type ModelRequest } from "./model-log.ts";

/** The part of an agent's CLI that the scenarios of a host need. */
export type HostedCli = Pick<AgentCli, "floor" | "vendor" | "keyIn" | "otherKeyHeader"> & {
  readonly name: Provider;
};

/** The input of a scenario. */
export type Stage<Cli extends HostedCli = AgentCli> = {
  readonly box: Box;
  readonly cli: InstalledCli;
  readonly agentCli: Cli;
  readonly model: LoggedModel;
};

/** Runs one scenario; returns a sentence for each problem. */
export type Run<Cli extends HostedCli = AgentCli> = (stage: Stage<Cli>) => Promise<readonly string[]>;

/** A scenario of a CLI. */
export type Row<Cli extends HostedCli> = {
  readonly name: string;
  readonly run: Run<Cli>;
  /** Delay of the text of each answer, ms. */
  readonly delayMs?: number;
  /** It is also tried on older versions that the provider takes. The others are tried on the newest one. */
  readonly isForAll?: boolean;
  /** Why it cannot be run on this machine; null if it can. */
  readonly notHere?: () => string | null;
};

/** The checks of a CLI as an agent, for each row. */
export const agentChecks = <Cli extends HostedCli>(
  agentCli: Cli,
  rows: readonly Row<Cli>[],
): readonly Check[] => rows.map((row) => agentCheck(agentCli, row));

const agentCheck = <Cli extends HostedCli>(
  agentCli: Cli,
  { name, run, delayMs, isForAll = false, notHere }: Row<Cli>,
): Check => ({
  name,
  ...(isForAll ? {} : { triedOn: "newest" as const }),
  notOn: (version) =>
    compareVersions(version, agentCli.floor) < 0
      ? `The provider needs ${agentCli.name} ${agentCli.floor} or newer.`
      : (notHere?.() ?? null),
  run: (cli) =>
    inBox(async (box) => {
      const model = await openLoggedModel(delayMs);
      const problems = await run({ box, cli, agentCli, model }).finally(model.close);
      return [...problems, ...(await findLeftovers(box, () => true))];
    }),
});

/** The texts of the people's prompts in a request, each as often as the model sees it. */
export const promptsSeen = (requests: ReturnType<LoggedModel["requests"]>): string =>
  JSON.stringify(conversationIn(requests.at(-1)?.body ?? {}));

const conversationIn = ({ messages, input, contents }: ModelRequest["body"]): unknown =>
  messages ?? input ?? contents ?? [];

/** The number of times that a text has another text in it. */
export const countOf = (text: string, part: string): number => text.split(part).length - 1;
