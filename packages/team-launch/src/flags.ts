import type { Environment } from "@trust/preflight";

/** The switches of a launch. Each can be turned off alone. These are the effective values, as in the artifact. */
export type LaunchFlags = {
  /** Prepares trust. Off: no plan, no patch, no step for trust. */
  readonly preflight: boolean;
  /** Codex gets its trust in the settings of the launch. Off: no trust is passed to Codex or recorded for it. */
  readonly codexSettings: boolean;
  /** Claude Code is asked for trust. Off: neither by its dialog nor by its control protocol. */
  readonly claudePty: boolean;
  /** Has no effect: preflight always uses the protected flags. Turning it on gives a diagnostic. */
  readonly allowUnprotectedClaude: boolean;
  /** A launch that failed because trust was missing is tried once more. */
  readonly retry: boolean;
  /** Locks hold between processes. Off: only within this process. */
  readonly fileLock: boolean;
  /** A failure keeps the screen. */
  readonly debug: boolean;
};

/** The values if no variable is set. */
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

/** The variable of each flag. Team runtimes rely on these names. */
export const flagVariables: { readonly [F in keyof LaunchFlags]: string } = {
  preflight: `${prefix}PREFLIGHT`,
  codexSettings: `${prefix}CODEX_SETTINGS`,
  claudePty: `${prefix}CLAUDE_PTY`,
  allowUnprotectedClaude: `${prefix}ALLOW_UNPROTECTED_CLAUDE`,
  retry: `${prefix}RETRY`,
  fileLock: `${prefix}FILE_LOCK`,
  debug: `${prefix}DEBUG`,
};

/** The accepted spellings. All others are malformed: `OFF` gives a diagnostic. */
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
      /** The flag's default, which is used instead. */
      readonly effective: boolean;
    }
  /** The flag is on but has no effect. */
  | { readonly code: "flag-without-effect"; readonly variable: string };

export type ReadFlags = {
  readonly flags: LaunchFlags;
  /** One per malformed value, and one for a flag that is on without effect. */
  readonly diagnostics: readonly FlagDiagnostic[];
};

const names = Object.keys(defaultFlags) as readonly (keyof LaunchFlags)[];

/** Reads the flags of an environment. A missing, empty or malformed variable gives the default. */
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
