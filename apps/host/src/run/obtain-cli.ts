import { confirm, isCancel } from "@clack/prompts";
import { agentClis, installCommand } from "@trust/preflight";
import type { Io } from "@gatehouse/cli-kit";
import { chooseCli, type CliChoice } from "@gatehouse/trust-cli";
import { installCli, megabytes, type InstallError } from "./install-cli.ts";
import type { Result } from "@gatehouse/std";

export type InstallPermission = {
  /** True with `--install-cli` or `--yes`: a missing CLI may be installed without asking. */
  readonly mayInstall: boolean;
  /** True if a person can answer questions. */
  readonly mayAsk: boolean;
};

/**
 * Finds the CLI to start. Installs a missing CLI into the data folder if a flag or the person allows it. Returns null if the
 * CLI is still missing.
 */
export const obtainCli = async (
  choice: CliChoice,
  { mayInstall, mayAsk }: InstallPermission,
  io: Io,
): Promise<Result<string | null, InstallError>> => {
  const found = await chooseCli(choice);
  if (found !== null || choice.explicit !== undefined) return { ok: true, value: found };
  const isWanted = mayInstall || (mayAsk && (await askToInstall(choice.dataDir, io)));
  if (isCancel(isWanted)) return { ok: false, error: cancelled };
  if (!isWanted) return { ok: true, value: null };
  return installCli(choice.dataDir, agentClis.claude, io);
};

const cancelled: InstallError = {
  code: "cancelled",
  message: "Cancelled. Nothing was installed, and nothing was started.",
  fix: `Repeat it, or install it yourself: ${installCommand(agentClis.claude)}`,
};

/** The person's answer, or clack's symbol for Ctrl-C and Escape. */
const askToInstall = (dataDir: string, { signal }: Io): Promise<boolean | symbol> => {
  const { title, npmVersion } = agentClis.claude;
  const message = `${title} is not installed. Install ${npmVersion} (about ${megabytes} MB) from npm into ${dataDir}?`;
  return confirm({ message, output: process.stderr, signal });
};
