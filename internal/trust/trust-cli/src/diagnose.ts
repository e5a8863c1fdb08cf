import { stateFile } from "@trust/claude-state-probe/node";
import { providers, type Environment, type Provider } from "@trust/preflight";
import type { DoctorCheck, DoctorReport, DoctorWarning, ProviderCheck } from "./doctor-report.ts";
import { doctorVerdict } from "./render-doctor.ts";
import { cliHomes, dataFolder, homeOf } from "@gatehouse/fs-kit";
import { checkNetwork } from "./check-network.ts";
import { checkSignIn } from "./check-sign-in.ts";
import { namedOrOwnClis } from "./own-cli.ts";
import {
  checkCliLock,
  checkData,
  checkLedger,
  checkProvider,
  checkPty,
  checkState,
} from "./doctor-checks.ts";

export type DoctorFlags = {
  readonly cli: { readonly [P in Provider]?: string };
  readonly data?: string;
  /** Also shows the CLIs that are not needed. */
  readonly all?: boolean;
  readonly json?: boolean;
};

/**
 * Checks the requirements of a preflight. Creates the data folder and the locks' folder, and changes nothing
 * else. `more` and `warnings` are the program's own. Without `needsClaude` Claude Code may be missing, and then nothing is
 * said of its sign-in and its network.
 */
export const diagnose = async (
  { cli, data }: DoctorFlags,
  env: Environment,
  {
    more = [],
    warnings: given = [],
    needsClaude = true,
  }: {
    readonly more?: readonly DoctorCheck[];
    readonly warnings?: readonly DoctorWarning[];
    readonly needsClaude?: boolean;
  } = {},
): Promise<DoctorReport> => {
  const dataDir = dataFolder(env, data);
  const clis = await namedOrOwnClis(cli, cliHomes(env, dataDir), providers);
  const file = stateFile(env, homeOf(env));
  const [each, usual] = await Promise.all([
    Promise.all(
      providers.map((provider) =>
        checkProvider(
          provider,
          { env, explicit: clis[provider] },
          clis[provider] !== undefined || (provider === "claude" && needsClaude),
        ),
      ),
    ),
    Promise.all([
      checkPty(env),
      checkState(env, file),
      checkCliLock(file),
      checkData(dataDir, env),
      checkLedger(dataDir),
    ]),
  ]);
  const checks = [...each.flatMap(requiredCheck), ...usual, ...more];
  const usesClaude = each.some(({ provider, needed }) => provider === "claude" && needed);
  const usualWarnings = usesClaude ? await Promise.all([checkSignIn(env, file), checkNetwork(env)]) : [];
  const warnings = [...usualWarnings.flat(), ...given];
  const found = { ok: [...checks, ...each].every(({ ok }) => ok), checks, providers: each, warnings };
  return { ...found, verdict: doctorVerdict(found) };
};

/** Claude Code's check is among the required ones. */
const requiredCheck = ({ provider, ok, message, fix }: ProviderCheck): readonly DoctorCheck[] =>
  provider === "claude" ? [{ name: "cli", ok, message, ...(fix === undefined ? {} : { fix }) }] : [];
