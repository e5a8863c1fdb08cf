import type { Environment, Provider } from "@gatehouse/std";
import type { ViaChoice } from "./via.ts";
import type { Consents } from "@trust/dialog-engine";

export { providers, type Environment, type Provider } from "@gatehouse/std";

/** What a caller wants trusted, and how. Times are milliseconds; paths are absolute unless said otherwise. */
export type PreflightRequest = {
  /** Absolute, or relative to `cwd`. Naming a folder is the consent to trust it, and nothing else. */
  readonly folders: readonly string[];
  /** Default: the process's own. */
  readonly cwd?: string;
  /** The caller's environment: HOME, PATH, CLAUDE_CONFIG_DIR are read from it, and the CLI gets a stripped copy. */
  readonly env: Environment;
  /** Holds the consent ledger; made (0711) if it is not there, refused where others may write it. See `dataFolder`. */
  readonly dataDir: string;
  /** Default: claude. */
  readonly providers?: readonly Provider[];
  /** A CLI to use instead of the first one on PATH. */
  readonly cli?: { readonly [P in Provider]?: string };
  /** CLI processes at once. Default: 8, or the number of folders if that is less. Of Qwen Code there is never more than one. */
  readonly jobs?: number;
  /**
   * Gemini, Copilot, Qwen and Kimi record trust: their own dialog is answered. Without it Gemini is told at launch, and
   * the others, which cannot be, are `consent-needed`.
   */
  readonly persist?: boolean;
  /** For one folder, not counting waits for locks or for its turn to commit. Default 15,000 for Claude Code, 60,000 for others. */
  readonly timeoutMs?: number;
  /** Answers to dialogs other than trust. Default: none. */
  readonly consents?: Consents;
  /** A folder whose own settings pre-approve something is `blocked` instead of trusted. */
  readonly refuseGrants?: boolean;
  /**
   * How Claude Code is asked. Default: `auto`, its control protocol where it has one, else its dialog. `control` never
   * answers a dialog: a folder that cannot be asked about is `control-unavailable`.
   */
  readonly via?: ViaChoice;
  /** One asciicast v2 file per folder is written here, redacted, mode 0600. */
  readonly recordDir?: string;
};

/** What is happening to one folder, for a person to read while it happens. */
export type PreflightProgress = {
  readonly workspace: string;
  readonly provider: Provider;
  readonly step: "starting" | "asked" | "waiting" | "confirming" | "settling" | "repeating" | "done";
  readonly text: string;
};

export type Watch = {
  /** Aborting ends our own processes, releases the locks, and makes every open folder `cancelled`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PreflightProgress) => void;
};
