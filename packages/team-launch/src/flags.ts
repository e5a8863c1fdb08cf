import type { Environment } from "@trust/preflight";

/** The switches of a launch, each of which can be turned off alone. Effective values, as the artifact has them. */
export type LaunchFlags = {
  /** Trust is prepared at all. Off: no plan, no patch, no step of it. */
  readonly preflight: boolean;
  /** Codex gets its trust in the settings of the launch. Off: nothing is passed to it, or recorded. */
  readonly codexSettings: boolean;
  /** Claude Code is asked for trust. Off: neither by its dialog nor by its control protocol. */
  readonly claudePty: boolean;
  /** Without effect: preflight has no way that leaves out the protected flags. On is a diagnostic. */
  readonly allowUnprotectedClaude: boolean;
  /** A launch that failed for want of trust is tried once more. */
  readonly retry: boolean;
  /** Locks hold between processes. Off: within this process only. */
  readonly fileLock: boolean;
  /** The screen is kept with a failure. */
  readonly debug: boolean;
};

/** The values without any variable. */
export const defaultFlags: LaunchFlags = {
  preflight: true,
  codexSettings: true,
  claudePty: true,
  allowUnprotectedClaude: false,
  retry: false,
  fileLock: true,
  debug: false,
};

const prefix = "AGENT_TEAMS_WORKSPACE_TRUST_";

/** The variable of each flag: the contract with team runtimes, so the names keep their spelling. */
export const flagVariables: { readonly [F in keyof LaunchFlags]: string } = {
  preflight: `${prefix}PREFLIGHT`,
  codexSettings: `${prefix}CODEX_SETTINGS`,
  claudePty: `${prefix}CLAUDE_PTY`,
  allowUnprotectedClaude: `${prefix}ALLOW_UNPROTECTED_CLAUDE`,
  retry: `${prefix}RETRY`,
  fileLock: `${prefix}FILE_LOCK`,
  debug: `${prefix}DEBUG`,
};

/** The spellings of the contract. No others: `OFF` is malformed, and says so. */
const spellings: ReadonlyMap<string, boolean> = new Map([
  ["0", false],
  ["false", false],
  ["off", false],
  ["1", true],
  ["true", true],
  ["on", true],
]);

export type FlagDiagnostic =
  | {
      readonly code: "flag-malformed";
      readonly variable: string;
      readonly found: string;
      /** The flag's default, which holds instead. */
      readonly effective: boolean;
    }
  /** It is on, and turns on nothing. */
  | { readonly code: "flag-without-effect"; readonly variable: string };

export type ReadFlags = {
  readonly flags: LaunchFlags;
  /** One for each malformed value, and for a flag that is on without effect. */
  readonly diagnostics: readonly FlagDiagnostic[];
};

const names = Object.keys(defaultFlags) as readonly (keyof LaunchFlags)[];

/** Reads the flags of an environment. A missing or empty variable, and a malformed one, is the default. */
export const readFlags = (env: Environment): ReadFlags => {
  const read = names.map((name) => {
    const found = env[flagVariables[name]] ?? "";
    return { name, found, value: found === "" ? defaultFlags[name] : spellings.get(found) };
  });
  return {
    flags: Object.fromEntries(
      read.map(({ name, value }) => [name, value ?? defaultFlags[name]]),
    ) as LaunchFlags,
    diagnostics: read.flatMap(({ name, found, value }): readonly FlagDiagnostic[] => {
      const variable = flagVariables[name];
      if (value === undefined)
        return [{ code: "flag-malformed", variable, found, effective: defaultFlags[name] }];
      return value && name === "allowUnprotectedClaude" ? [{ code: "flag-without-effect", variable }] : [];
    }),
  };
};
