import type { Environment } from "@gatehouse/std";
import type { Provider } from "@gatehouse/provider-facts";
import type { Consents } from "@trust/dialog-engine";

export type { Environment } from "@gatehouse/std";
export { providers, type Provider } from "@gatehouse/provider-facts";

/** A folder, and the provider whose CLI will start there. */
export type Pair = {
  /** Absolute, or relative to the request's `cwd`. */
  readonly folder: string;
  readonly provider: Provider;
};

/**
 * The folders to trust, and the options. Times are milliseconds; paths are absolute unless documented
 * otherwise.
 */
export type PreflightRequest = {
  /** Absolute, or relative to `cwd`. Naming a folder is the consent to trust it, and to nothing else. */
  readonly folders: readonly string[];
  /** Default: the current process's. */
  readonly cwd?: string;
  /** The caller's: HOME, PATH, CLAUDE_CONFIG_DIR are read from it, and the CLI gets a stripped copy. */
  readonly env: Environment;
  /** Holds the consent ledger. Made (0711) if missing, refused if others may write it. See `dataFolder`. */
  readonly dataDir: string;
  /** The providers of `folders`, each for every folder. Default: claude. */
  readonly providers?: readonly Provider[];
  /** Pairs beside `folders`, for a team whose members differ. Their results come after those of `folders`. */
  readonly pairs?: readonly Pair[];
  /** A CLI to use instead of the first one on PATH. */
  readonly cli?: { readonly [P in Provider]?: string };
  /** Maximum CLI processes of one provider at once; providers run side by side. Default: 8; Qwen Code runs alone. */
  readonly jobs?: number;
  /**
   * Codex, Gemini, Copilot, Qwen and Kimi record trust: Codex by its app-server, the others by their own dialog.
   * Without it Codex and Gemini get trust at launch; the others have no such way and are `consent-needed`.
   */
  readonly persist?: boolean;
  /**
   * Time limit for one folder, without waits for locks or for its turn. Default 15,000 for Claude Code,
   * 60,000 for others.
   */
  readonly timeoutMs?: number;
  /**
   * Time limit for the whole batch, waits included. At the limit its processes are ended, and every open folder is
   * `timeout`. Default: none.
   */
  readonly deadlineMs?: number;
  /** Answers to dialogs other than trust. Default: none. */
  readonly consents?: Consents;
  /** A folder whose own settings grant something is `blocked` instead of trusted. */
  readonly refuseGrants?: boolean;
  /**
   * The way to ask Claude Code. Default: `auto`, its control protocol if it has one, or else its dialog. `control` never
   * answers a dialog: if the protocol cannot be used, the folder is `control-unavailable`.
   */
  readonly via?: ViaChoice;
  /** Folder for recordings: one redacted asciicast v2 file per folder, mode 0600. */
  readonly recordDir?: string;
};

/** The way in which a folder's trust was requested; `none` if nothing was requested. */
export const vias = ["control", "dialog", "launch", "none"] as const;
export type Via = (typeof vias)[number];

/** The caller's choice: `auto` uses the first of `control` and `dialog` that the installed CLI has. */
export const viaChoices = ["auto", "control", "dialog"] as const;
export type ViaChoice = (typeof viaChoices)[number];
