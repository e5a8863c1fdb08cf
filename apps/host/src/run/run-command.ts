import process from "node:process";
import {
  renderAlarms,
  outcomeWithFlags,
  renderReport,
  reportWithFlags,
  createProgressLines,
  requestFrom,
  type PreflightFlags,
  screenLines,
} from "@gatehouse/trust-cli";
import { exitCodeOf, agentClis, type PreflightReport } from "@trust/preflight";
import { paintFor, printFailure, printJson, type Io, type Paint } from "@gatehouse/cli-kit";
import type { OwnTerminal, AgentReport } from "@gatehouse/agents/terminal";
import { visible } from "@gatehouse/std";
import { obtainCli } from "./obtain-cli.ts";
import { runAgent } from "./run-agent.ts";

/** The flags of `gatehouse run`, parsed. */
export type RunFlags = PreflightFlags & { readonly installCli?: boolean; readonly yes?: boolean };

/** Runs the preflight, then the agent. Prints the outcome and returns the exit code. */
export const runCommand = async (folder: string, flags: RunFlags, io: Io): Promise<number> => {
  const { json: isJson = false, installCli, yes } = flags;
  const terminal = isJson ? null : ownTerminal();
  const request = await requestFrom([folder], flags, io);
  const cli = await obtainCli(
    { explicit: flags.cli.claude, dataDir: request.dataDir, env: io.env },
    { mayInstall: installCli === true || yes === true, mayAsk: terminal !== null },
    io,
  );
  if (!cli.ok) {
    printFailure(io, isJson, cli.error);
    return cli.error.code === "cancelled" ? 130 : 1;
  }
  const lines = io.stderr.isTTY && !isJson ? createProgressLines(io.stderr, 1) : null;
  // The stdout of an attached agent is its screen, so messages about the preflight go to stderr.
  const out = terminal === null ? io.stdout : io.stderr;
  const paint = paintFor({ ...io, stdout: out });
  const end = await runAgent(
    { preflight: request, cli: cli.value, attachTo: terminal },
    {
      signal: io.signal,
      ...(lines === null ? {} : { onProgress: lines.show }),
      onPreflight: (report) => {
        lines?.clear();
        // With exit code 3, a person answers the remaining dialog in the agent's screen.
        const isAskedBelow = terminal !== null && exitCodeOf(report) === 3;
        if (!isJson) out.write((isAskedBelow ? renderAskedBelow : renderReport)(report, paint));
        io.stderr.write(renderAlarms(report));
      },
    },
  );
  lines?.clear();
  const { preflight, agent } = end.report;
  const shown = agent === null ? null : outcomeWithFlags(agent);
  if (isJson) printJson(io, { ...end.report, preflight: reportWithFlags(preflight), agent: shown });
  else if (shown !== null) out.write(renderAgent(shown, paint));
  return io.signal.aborted ? 130 : end.exitCode;
};

/** Returns the terminal, if stdin and stdout are one. */
const ownTerminal = (): OwnTerminal | null =>
  process.stdin.isTTY && process.stdout.isTTY ? { input: process.stdin, output: process.stdout } : null;

/**
 * Renders an agent as one block: its state, code and message, and for an agent that is not ready its screen and the fix.
 */
const renderAgent = (agent: AgentReport, paint: Paint): string => {
  const { state, code, message, fix } = agent;
  const head = (state === "ready" ? paint.good : paint.bad)(state.padEnd(16));
  const details = [
    ...("screen" in agent ? screenLines(agent.screen, paint) : []),
    ...(fix === undefined ? [] : [`fix: ${fix}`]),
  ];
  const named = code === state ? "" : `  ${code}`;
  return [`${head} ${message}${named}`, ...details.map((line) => `    ${line}`)].join("\n") + "\n";
};

/** Renders a line for each folder whose question a person has to answer in the agent's screen below. */
const renderAskedBelow = ({ results }: PreflightReport, paint: Paint): string =>
  results
    .map(({ status, code, provider, workspace }) => {
      const head = paint.bad(status.padEnd(16));
      return `${head} ${visible(workspace)}  ${code}  ${agentClis[provider].title} asks it below.\n`;
    })
    .join("");
