import { driveDialogs, type RulePack } from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";
import type { Box } from "../box/box.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import type { Agent } from "../record/agents.ts";
import type { ExpectedStarts } from "../scenarios/launch-scenario.ts";
import type { RunOptions } from "../start/preflight-run.ts";
import { endTerminal } from "../start/end-terminal.ts";

/** The common parts of one scenario's starts. */
export type Starts = RunOptions & { readonly box: Box; readonly cli: InstalledCli; readonly agent: Agent };

/**
 * Starts the CLI in every folder, one after the other, and compares the screens where it stops. Default arguments:
 * those that keep the CLI from leaving programs behind.
 */
export const startProblems = async (
  { box, cli, agent, env, signal }: Starts,
  starts: ExpectedStarts,
  args: readonly string[] = agent.args?.(cli.version) ?? [],
): Promise<string[]> => {
  const problems: string[] = [];
  for (const [folder, asks] of Object.entries(starts)) {
    const start = await startUnanswered(cli.path, agent.pack, { args, cwd: box.path(folder), env, signal });
    if (start.asks !== asks)
      problems.push(
        `${folder}: ${[cli.provider, ...args].join(" ")} ends at ${start.asks}, not ${asks}\n${start.screen}`,
      );
  }
  return problems;
};

/** Where a start ended, with its screen for further checks. */
type UnansweredStart = { readonly asks: string; readonly screen: string };

/**
 * A start without a composer or a dialog after this time (ms) is called "timeout". It is the time that
 * preflight gives these CLIs: Qwen 0.24.4 had not finished its start after 20 s on a busy machine.
 */
const patience = 60_000;

type StartOptions = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/**
 * Starts the CLI and returns where it stops without any consent: "ready", once its composer was shown so long
 * that no dialog follows, or the topic of the first dialog. Presses no key, and ends the CLI.
 */
const startUnanswered = async (
  file: string,
  pack: RulePack,
  { signal, ...start }: StartOptions,
): Promise<UnansweredStart> => {
  const opened = await openPty({ file, ...start });
  if (!opened.ok) throw new Error(opened.error.message);
  const terminal = opened.value;
  const limits = { phaseMs: patience, totalMs: patience };
  const result = await driveDialogs({
    terminal,
    clock: systemClock,
    pack,
    consents: {},
    until: "ready",
    limits,
    signal,
    folder: { path: start.cwd, home: start.env["HOME"] ?? "" },
  });
  await endTerminal(terminal);
  if (result.keys > 0) throw new Error(`${result.keys} keys were pressed without a consent`);
  return { asks: asked(result), screen: result.screen.filter((row) => row.trim() !== "").join("\n") };
};

/**
 * A dialog's kind, or its rule's name without the provider. A dialog that disappeared by itself counts too.
 */
const asked = (result: Awaited<ReturnType<typeof driveDialogs>>): string => {
  if (result.outcome === "blocked") return result.consent ?? result.dialog.replace(/^\w+\//, "");
  return result.dialogs[0] ?? result.outcome;
};
