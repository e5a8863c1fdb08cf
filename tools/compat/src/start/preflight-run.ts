import process from "node:process";
import { runToEnd } from "@gatehouse/npm-fetch";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { Box } from "../box/box.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import type { Via } from "../scenarios/scenario.ts";
import { programFile } from "./programs.ts";

/** The start of a CLI: its arguments, and its environment variables. */
export type Launch = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

export type PreflightResult = {
  readonly workspace: string;
  readonly status: string;
  readonly code: string;
  readonly message: string;
  readonly trustKey: string | null;
  readonly via: string | null;
  readonly grants: readonly { readonly kind: string; readonly name: string }[] | null;
  readonly dialogs?: readonly string[];
  readonly keys?: number;
  readonly screen?: string;
};

/** The part of `workspace-trust preflight --json` that scenarios compare. */
type PreflightReport = {
  readonly ok: boolean;
  readonly results: readonly PreflightResult[];
  /** By provider: one launch for all folders that are passed at launch. */
  readonly launch?: Readonly<Record<string, Launch>>;
};

/** A finished run of the program: its exit code and its output. */
export type PreflightRun = { readonly exitCode: number | null; readonly report: PreflightReport };

export type Asked = {
  /** Relative to HOME. */
  readonly folders: readonly string[];
  readonly consents?: readonly string[] | undefined;
  /** Default: by the CLI's dialog. */
  readonly via?: Via | undefined;
  readonly persist?: boolean;
};

/** The environment of a started program, and the end of the whole run. */
export type RunOptions = {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/**
 * Timeout for a folder, s. Results are compared, not times: on a machine that runs compat, one CLI drew
 * nothing for 8 s, the default limit of a phase.
 */
const timeoutS = 60;

/**
 * Runs `workspace-trust preflight FOLDER... --provider NAME --cli NAME=PATH --via RUNG --json` in the box.
 * The error is output that is not a report.
 */
export const runPreflight = async (
  box: Box,
  { provider, path }: InstalledCli,
  { folders, consents = [], via = "dialog", persist = false }: Asked,
  { env, signal }: RunOptions,
): Promise<Result<PreflightRun, string>> => {
  const args = [
    ...["preflight", ...folders.map(box.path), "--provider", provider, "--cli", `${provider}=${path}`],
    ...["--via", via, ...consents.flatMap((consent) => ["--consent", consent])],
    ...[...(persist ? ["--persist"] : []), "--timeout", `${timeoutS}`, "--json"],
  ];
  const program = await programFile("workspace-trust");
  const ended = await runToEnd(process.execPath, [program, ...args], { cwd: box.root, env, signal });
  const { exitCode, stdout, stderr } = ended;
  const report = parseJson(stdout) as PreflightReport | null;
  return Array.isArray(report?.results)
    ? ok({ exitCode, report })
    : fail(`exit ${exitCode}, no report: ${stdout}${stderr}`);
};
