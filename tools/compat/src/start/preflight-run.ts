import { z } from "zod";
import { runToEnd } from "@gatehouse/npm-fetch";
import type { Result } from "@gatehouse/std";
import type { Box } from "../box/box.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import type { Via } from "../scenarios/scenario.ts";
import { programFile } from "./programs.ts";

/** The start of a CLI: its arguments, and its environment variables. */
export type Launch = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

export type PreflightResult = {
  readonly workspace: string;
  readonly provider: string;
  readonly cliVersion: string | null;
  readonly status: string;
  readonly code: string;
  readonly message: string;
  readonly trustKey: string | null;
  readonly via: string | null;
  readonly grants: readonly { readonly kind: string; readonly name: string }[] | null;
  readonly dialogs?: readonly string[] | undefined;
  readonly keys?: number | undefined;
  readonly screen?: string | undefined;
  readonly durationMs: number;
  readonly timings: Readonly<Record<string, number>>;
};
type PreflightReport = {
  readonly ok: boolean;
  readonly results: readonly PreflightResult[];
  /** By provider: one launch for all folders that are passed at launch. */
  readonly launch?: Readonly<Record<string, Launch>> | undefined;
};

/** The part of `workspace-trust preflight --json` that other programs depend on. */
const report: z.ZodType<PreflightReport> = z.object({
  ok: z.boolean(),
  results: z.array(
    z.object({
      workspace: z.string(),
      provider: z.string(),
      cliVersion: z.string().nullable(),
      status: z.string(),
      code: z.string(),
      message: z.string(),
      trustKey: z.string().nullable(),
      via: z.string().nullable(),
      grants: z.array(z.object({ kind: z.string(), name: z.string() })).nullable(),
      dialogs: z.array(z.string()).optional(),
      keys: z.number().optional(),
      screen: z.string().optional(),
      durationMs: z.number(),
      timings: z.record(z.string(), z.number()),
    }),
  ),
  launch: z
    .record(z.string(), z.object({ args: z.array(z.string()), env: z.record(z.string(), z.string()) }))
    .optional(),
});

/** A finished run of the program: its exit code and its output. */
export type PreflightRun = { readonly exitCode: number | null; readonly report: PreflightReport };

const parse = (text: string): Result<PreflightReport, string> => {
  try {
    const parsed = report.safeParse(JSON.parse(text));
    return parsed.success
      ? { ok: true, value: parsed.data }
      : { ok: false, error: z.prettifyError(parsed.error) };
  } catch (error) {
    return { ok: false, error: String(error) };
  }
};

export type Asked = {
  /** Relative to HOME. */
  readonly folders: readonly string[];
  readonly consents?: readonly string[] | undefined;
  /** Default: by the CLI's dialog. */
  readonly via?: Via;
  readonly persist?: boolean;
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
  cli: InstalledCli,
  { folders, consents = [], via = "dialog", persist = false }: Asked,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Result<PreflightRun, string>> => {
  const given = consents.flatMap((consent) => ["--consent", consent]);
  const program = ["--provider", cli.provider, "--cli", `${cli.provider}=${cli.path}`, "--via", via];
  const time = ["--timeout", `${timeoutS}`];
  const asked = persist ? ["--persist"] : [];
  const args = ["preflight", ...folders.map(box.path), ...program, ...given, ...asked, ...time, "--json"];
  const ended = await runToEnd(process.execPath, [await programFile("workspace-trust"), ...args], {
    cwd: box.root,
    env,
    signal,
  });
  const parsed = parse(ended.stdout);
  return parsed.ok
    ? { ok: true, value: { exitCode: ended.exitCode, report: parsed.value } }
    : {
        ok: false,
        error: `exit ${ended.exitCode}, no report (${parsed.error}): ${ended.stdout}${ended.stderr}`,
      };
};
