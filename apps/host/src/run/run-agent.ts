import { stateFile } from "@trust/claude-state-probe/node";
import {
  agentClis,
  exitCodeOf,
  type Explanation,
  type PreflightReport,
  type PreflightRequest,
  type Watch,
} from "@trust/preflight";
import { cliHomes, homeOf } from "@gatehouse/fs-kit";
import { findCli, runPreflight } from "@trust/preflight/node";
import {
  agentConsents,
  agentLimits,
  exitCodeOfAgent,
  type AgentEnd,
  type AgentReport,
  type AgentStart,
  runAttached,
  type OwnTerminal,
  runUntilReady,
} from "@gatehouse/agents/terminal";
import { shellCode } from "@gatehouse/processes";
import { ownCliEnvironment } from "@gatehouse/trust-cli";
import { explainAgent } from "./agent-messages.ts";

export type RunRequest = {
  /** One folder, one provider. */
  readonly preflight: PreflightRequest;
  /** The CLI's executable; null if none was found. */
  readonly cli: string | null;
  /** The terminal to attach the agent to. If null, the agent is ended when it is ready. */
  readonly attachTo: OwnTerminal | null;
};

/**
 * The JSON document of `gatehouse run`. `agent` is null if it was not started; `preflight` then has the reason.
 */
export type RunReport = {
  readonly ok: boolean;
  readonly preflight: PreflightReport;
  readonly agent: AgentReport | null;
};

export type RunWatch = Watch & {
  readonly signal: AbortSignal;
  /** Called before the agent is started. */
  readonly onPreflight: (report: PreflightReport) => void;
};

/** The outcome of a run and its exit code. An attached agent's own exit code is passed through. */
export type RunEnd = { readonly exitCode: number; readonly report: RunReport };

const blankYet = "shows nothing yet; with a key and without network this takes up to 20 s";

/**
 * Runs the preflight, then the agent. If the preflight needs a person (exit 3) and `attachTo` is set, the agent
 * starts anyway: the person answers the question at the terminal.
 */
export const runAgent = async (request: RunRequest, watch: RunWatch): Promise<RunEnd> => {
  const { preflight: asked, cli, attachTo } = request;
  const preflight =
    cli === null
      ? offerInstall(await runPreflight(asked, watch))
      : await runPreflight({ ...asked, cli: { claude: cli } }, watch);
  watch.onPreflight(preflight);
  const exitCode = exitCodeOf(preflight);
  const [folder] = preflight.results;
  const isLeftToPerson = exitCode === 3 && attachTo !== null;
  if (folder === undefined || watch.signal.aborted || (exitCode !== 0 && !isLeftToPerson))
    return { exitCode, report: { ok: false, preflight, agent: null } };
  // The preflight needs no CLI for a trusted folder, so only this finds that the CLI is missing.
  const found = await findCli("claude", { env: asked.env, explicit: cli ?? undefined });
  const start = startOf(asked, found.ok ? found.value : agentClis.claude.file, folder.workspace);
  if (!found.ok)
    return ended(preflight, start, { state: "failed", ...found.error }, cli === null ? withOffer : undefined);
  if (attachTo === null) {
    const { workspace, provider } = folder;
    const step = { version: 1, type: "step", workspace, provider, step: "waiting", text: blankYet } as const;
    const onBlank = (): void => watch.onProgress?.(step);
    return ended(preflight, start, await runUntilReady(start, watch.signal, onBlank));
  }
  const attached = await runAttached(start, attachTo, watch.signal);
  if (!attached.ok) {
    const detail = attached.error.message;
    return ended(preflight, start, { state: "failed", code: "pty-unavailable", detail });
  }
  return { exitCode: shellCode(attached.value), report: { ok: true, preflight, agent: null } };
};

const startOf = (asked: PreflightRequest, cli: string, workspace: string): AgentStart => ({
  file: cli,
  cwd: workspace,
  env: { ...asked.env, PWD: workspace, ...ownCliEnvironment(cli, cliHomes(asked.env, asked.dataDir)) },
  consents: agentConsents(asked.consents ?? {}),
  limits: agentLimits(asked.timeoutMs),
  stateFile: stateFile(asked.env, homeOf(asked.env)),
});

const ended = (
  preflight: PreflightReport,
  { file, cwd, limits }: AgentStart,
  end: AgentEnd,
  withMore = (explanation: Explanation): Explanation => explanation,
): RunEnd => {
  const agent = {
    ...end,
    ...withMore(explainAgent(end, { workspace: cwd, file, timeoutMs: limits.totalMs })),
  };
  return { exitCode: exitCodeOfAgent(end), report: { ok: end.state === "ready", preflight, agent } };
};

/** Adds to each result `cli-not-found` the fix that `--install-cli` installs the CLI. */
const offerInstall = (report: PreflightReport): PreflightReport => ({
  ...report,
  results: report.results.map((result) => (result.code === "cli-not-found" ? withOffer(result) : result)),
});

/** Adds the offer to install to the fix of an outcome, as its first sentence. */
const withOffer = <T extends { readonly fix?: string }>(outcome: T): T => {
  const { npmVersion } = agentClis.claude;
  const offer = `Pass --install-cli: ${npmVersion} is fetched from npm into the data folder.`;
  return { ...outcome, fix: outcome.fix === undefined ? offer : `${offer} Or: ${outcome.fix}` };
};
