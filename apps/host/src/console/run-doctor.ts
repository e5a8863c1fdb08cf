import { execFile } from "node:child_process";
import process from "node:process";
import type { DoctorResult } from "@gatehouse/console";
import type { DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import type { RuntimeFlags } from "@gatehouse/places";
import type { Upstreams } from "@gatehouse/gateway/options";
import { parseJson } from "@gatehouse/std";
import type { DoctorCheck, DoctorWarning } from "@gatehouse/trust-cli";

/** The time limit of all checks, ms. Some of them ask a vendor. */
const timeLimitMs = 60_000;

type HostFlags = DatabaseFlags & RuntimeFlags & { readonly upstream?: Partial<Upstreams> };

/** The flags of `gatehouse up` that `gatehouse doctor` has, too, as arguments: the checks are then about this host. */
export const doctorFlags = ({ upstream = {}, ...flags }: HostFlags): readonly string[] => {
  const { database, runtime, engineSocket, kubernetesImage, kubernetesNamespace, podTemplate } = flags;
  const named = {
    database,
    runtime,
    "engine-socket": engineSocket,
    "kubernetes-image": kubernetesImage,
    "kubernetes-namespace": kubernetesNamespace,
    "pod-template": podTemplate,
  };
  return [
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...Object.entries(upstream).map(([vendor, url]) => `--upstream=${vendor}=${url.href}`),
  ];
};

/** Runs `gatehouse doctor` for the console, one run at a time, and keeps its last result. `flags` are its further flags. */
export const doctorRuns = (
  dataDir: string,
  flags: readonly string[],
  now: () => string,
): { readonly last: () => DoctorResult | null; readonly run: () => Promise<void> } => {
  let last: DoctorResult | null = null;
  let running: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    last = resultOf(await output(["doctor", "--json", "--data", dataDir, ...flags]), now());
  };
  return {
    last: () => last,
    run: () => {
      running ??= run().finally(() => (running = null));
      return running;
    },
  };
};

/** What this program prints with these arguments. A check that fails ends it with 1. */
const output = (args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const program = [...process.execArgv, process.argv[1] ?? "", ...args];
    const options = { timeout: timeLimitMs, maxBuffer: 2 ** 20, encoding: "utf8" } as const;
    execFile(process.execPath, program, options, (_error, stdout) => resolve(stdout));
  });

/** What `gatehouse doctor --json` prints. */
type Report = {
  readonly ok: boolean;
  readonly verdict: string;
  readonly checks: readonly DoctorCheck[];
  readonly warnings: readonly DoctorWarning[];
};

/** The report as the console shows it. An output without a report is a failed check. */
export const resultOf = (printed: string, at: string): DoctorResult => {
  const report = parseJson(printed) as Partial<Report> | null;
  if (report?.checks === undefined) {
    const message = "gatehouse doctor gave no result within a minute.";
    const fix = "gatehouse doctor";
    return { at, ok: false, verdict: "", checks: [{ name: "doctor", state: "fail", message, fix }] };
  }
  const { ok = false, verdict = "", checks, warnings = [] } = report;
  return {
    at,
    ok,
    verdict,
    checks: [
      ...checks.map(({ name, ok: isOk, message, fix = null }) => ({
        name,
        state: isOk ? ("ok" as const) : ("fail" as const),
        message,
        fix,
      })),
      ...warnings.map(({ name, message, fix }) => ({ name, state: "warn" as const, message, fix })),
    ],
  };
};
