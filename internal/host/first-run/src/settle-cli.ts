import process from "node:process";
import {
  chooseCli,
  chosenCli,
  describeCli,
  findClis,
  linkCli,
  pathOfAgents,
  type AgentCliFound,
} from "@gatehouse/agent-clis";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { runnableProvider } from "@gatehouse/provider-facts/agents";
import { fail, ok, type Result } from "@gatehouse/std";
import { confirm, isCancel } from "@clack/prompts";
import { versionAtLeast } from "@trust/claude-state-probe";
import { agentClis, providers, type Provider } from "@trust/preflight";
import type { WantedCli } from "./init-answers.ts";

/** Fetches a version of a CLI from npm into the data folder, in its `cli/NAME-VERSION`. */
export type FetchCli = (
  dataDir: string,
  wanted: { readonly provider: Provider; readonly version: string },
  io: Io,
) => Promise<Result<unknown, Failure>>;

export type SettleOptions = {
  readonly dataDir: string;
  /** The provider that answers in the group. */
  readonly provider: string;
  /** `--fetch`, parsed. */
  readonly wanted: WantedCli | undefined;
  /** A person can be asked. */
  readonly isAtTerminal: boolean;
  readonly fetchCli: FetchCli;
};

/** The CLI that agents get; null if there is none yet, or the provider needs none. */
export type SettledCli = { readonly cli: AgentCliFound | null; readonly lines: readonly string[] };

/**
 * Makes sure that agents find a CLI that is new enough: the CLI that an earlier run chose, the CLI on PATH, a fetched
 * CLI, or a CLI that is fetched now because the operator asks for it.
 */
export const settleCli = async (options: SettleOptions, io: Io): Promise<Result<SettledCli, Failure>> => {
  const { dataDir, wanted } = options;
  const provider = providers.find((name) => name === (wanted?.provider ?? options.provider));
  const megabytes = runnableProvider(provider ?? "")?.fetchedMegabytes ?? null;
  if (provider === undefined || megabytes === null) return ok({ cli: null, lines: [] });
  if (wanted !== undefined) {
    const fetched = await fetchAndChoose(options, { ...wanted, provider }, io);
    return fetched.ok ? settled(dataDir, provider, io) : fetched;
  }
  const found = await findClis(provider, { dataDir, env: io.env });
  const usable = found.find(({ isTooOld }) => !isTooOld);
  if ((await chosenCli(dataDir, provider)) !== null || usable?.place === "path")
    return settled(dataDir, provider, io);
  if (usable?.version != null) {
    if (usable.place === "account") await linkCli(dataDir, provider, usable.path);
    else await chooseCli(dataDir, provider, usable.version);
    return settled(dataDir, provider, io);
  }
  if (!options.isAtTerminal) return settled(dataDir, provider, io);
  const isWanted = await askToFetch(provider, found[0], { dataDir, megabytes }, io);
  if (isCancel(isWanted)) return fail({ code: "cancelled", message: "Cancelled. The group stays as it is." });
  const fetched = isWanted ? await fetchAndChoose(options, { provider, version: null }, io) : ok(null);
  return fetched.ok ? settled(dataDir, provider, io) : fetched;
};

const fetchAndChoose = async (
  { dataDir, fetchCli }: SettleOptions,
  { provider, version: named }: { readonly provider: Provider; readonly version: string | null },
  io: Io,
): Promise<Result<null, Failure>> => {
  const version = named ?? agentClis[provider].npmVersion;
  const floor = runnableProvider(provider)?.oldest ?? version;
  if (!versionAtLeast(version, floor))
    return fail({
      code: "cli-too-old",
      message: `${agentClis[provider].title} ${version} is too old for an agent: ${floor} or newer is needed.`,
      fix: `gatehouse init --fetch ${provider}`,
    });
  const there = await findClis(provider, { dataDir, env: io.env });
  if (!there.some((cli) => cli.place === "fetched" && cli.version === version)) {
    const fetched = await fetchCli(dataDir, { provider, version }, io);
    if (!fetched.ok) return fetched;
  }
  await chooseCli(dataDir, provider, version);
  return ok(null);
};

/** The CLI that agents find now, and a line about it. */
const settled = async (
  dataDir: string,
  provider: Provider,
  { env }: Io,
): Promise<Result<SettledCli, Failure>> => {
  const path = pathOfAgents(dataDir, env["PATH"] ?? "");
  const [first] = await findClis(provider, { dataDir, env: { ...env, PATH: path } });
  const cli = first?.place === "path" ? first : null;
  if (cli !== null && !cli.isTooOld) return ok({ cli, lines: [`${describeCli(cli)} answers.`] });
  const why = cli === null ? `${agentClis[provider].title} is not on the PATH.` : `${describeCli(cli)}.`;
  return ok({
    cli: null,
    lines: [`${why} To fetch it into the data folder: gatehouse init --fetch ${provider}`],
  });
};

const askToFetch = (
  provider: Provider,
  found: AgentCliFound | undefined,
  { dataDir, megabytes }: { readonly dataDir: string; readonly megabytes: number },
  { signal }: Io,
): Promise<boolean | symbol> => {
  const { title, npmVersion } = agentClis[provider];
  const why = found === undefined ? `${title} is not installed` : describeCli(found);
  const message = `${why}. Fetch ${npmVersion} (about ${megabytes} MB) from npm into ${dataDir}?`;
  return confirm({ message, output: process.stderr, signal: AbortSignal.any([signal]) });
};
