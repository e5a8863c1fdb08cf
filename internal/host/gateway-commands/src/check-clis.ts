import { isAbsolute } from "node:path";
import {
  describeCli,
  findClis,
  ownPrefix,
  ownProviderOf,
  pathOfAgents,
  programOnPath,
  tryCli,
} from "@gatehouse/agent-clis";
import type { CentralPlace } from "@gatehouse/central-database";
import { installNewest } from "@gatehouse/provider-facts";
import { runnableProvider } from "@gatehouse/provider-facts/agents";
import { visible } from "@gatehouse/std";
import { providers, type Environment, type Provider } from "@trust/preflight";
import { type HostCheck, readNeeds } from "./check-keys.ts";

export type CheckClisOptions = {
  readonly env: Environment;
  /** The command line of the agents' runner. */
  readonly runner: readonly [string, ...string[]];
};

/**
 * Tries the CLI of each provider in use, with the settings and accounts of agents. Returns a check for each CLI; none if no
 * agent uses a CLI.
 */
export const checkClis = async (
  place: CentralPlace,
  { env, runner }: CheckClisOptions,
): Promise<readonly HostCheck[]> => {
  const needs = await readNeeds(place);
  if (!needs.ok) return [];
  const { agents, accounts } = needs.value;
  const inUse = providers.filter(
    (name) => runnableProvider(name) !== null && agents.some(({ provider }) => provider === name),
  );
  const path = pathOfAgents(place.dataDir, env["PATH"] ?? "");
  const checks: HostCheck[] = [];
  for (const provider of inUse)
    checks.push(await checkAsAll(provider, accounts, { dataDir: place.dataDir, env, runner, path }));
  const own = agents.map(({ provider }) => provider).filter((name) => name.startsWith(ownPrefix));
  for (const provider of new Set(own)) checks.push(await checkOwn(provider, place.dataDir, path));
  return checks;
};

/** Looks for the row and the program of an operator's own provider. Nobody here knows how to try it. */
const checkOwn = async (provider: string, dataDir: string, path: string): Promise<HostCheck> => {
  const row = await ownProviderOf(dataDir, provider);
  if (!row.ok || row.value === null)
    return { ok: false, message: row.ok ? provider : row.error, fix: "gatehouse providers list" };
  const { agent, command } = row.value;
  const [program = ""] = command;
  const named = `${visible(agent)} (${provider})`;
  return (await programOnPath(program, path)) === null
    ? {
        ok: false,
        message: `${visible(program)} of ${named} ${isAbsolute(program) ? "is no program that can be run" : "is not on the PATH of agents"}`,
        fix: `install it for the account that runs the agents, or gatehouse providers remove ${provider}`,
      }
    : { ok: true, message: `${named} is there, and was not tried` };
};

/** Returns the first failure among the accounts, or one message for all accounts. */
const checkAsAll = async (
  provider: Provider,
  accounts: readonly string[],
  place: CheckContext,
): Promise<HostCheck> => {
  const messages: string[] = [];
  // Sequentially, because each check starts a CLI.
  for (const account of [null, ...accounts]) {
    const check = await checkCli(provider, account, place);
    if (!check.ok) return check;
    messages.push(check.message);
  }
  return { ok: true, message: messages.join("; ") };
};

type CheckContext = CheckClisOptions & { readonly dataDir: string; readonly path: string };

const checkCli = async (
  provider: Provider,
  account: string | null,
  { dataDir, env, runner, path }: CheckContext,
): Promise<HostCheck> => {
  const as = account === null ? "" : ` as ${account}`;
  const [found] = await findClis(provider, { dataDir, env: { ...env, PATH: path } });
  const fetch =
    runnableProvider(provider)?.fetchedMegabytes === null
      ? installNewest(provider)
      : `gatehouse init --fetch ${provider}`;
  if (found === undefined)
    return { ok: false, message: `the CLI of ${provider} is not on the PATH of agents`, fix: fetch };
  const named = describeCli(found);
  if (found.isTooOld) return { ok: false, message: named, fix: fetch };
  const trial = await tryCli(provider, { runner, path, account, env });
  if (trial.ok) return { ok: true, message: `${named} does what agents need${as}` };
  const fix =
    account === null
      ? fetch
      : `let ${account} read ${found.path} and the folders above it, or install the CLI for all accounts`;
  return { ok: false, message: `${named} cannot be used${as}: ${trial.error}`, fix };
};
