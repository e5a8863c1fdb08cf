import type { Provider } from "@gatehouse/std";

/** What a runtime asks for. */
export type LaunchRequest = {
  readonly provider: Provider;
  /** Absolute, as the caller named it. */
  readonly folder: string;
  /** The parsed `--settings`, whatever they are: nothing in them is believed. */
  readonly settings: unknown;
  /** The native CLI's own arguments. */
  readonly args: readonly string[];
  /** The CLI's executable; without it the first on PATH. */
  readonly cli?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Something that did not go as the caller may have meant it, and that does not stop the launch. */
export type Diagnostic = {
  readonly code: string;
  /** For `override-rejected`: what was wrong with it. */
  readonly reason?: string;
  readonly message: string;
};

/** What the provider's own state says about the folder. */
export type FolderTrust = {
  /** The folder by which the provider records trust; null where it records none. */
  readonly key: string | null;
  /** Its state says that the folder is trusted. Else the screen may still ask, also behind a prompt. */
  readonly isProven: boolean;
  /** Why the agent may not be started; null if it may. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
};

/** One launch, decided to the last argument: a dry run prints it, a run starts it. */
export type Launch = {
  readonly provider: Provider;
  readonly folder: string;
  /** The program's path, and its arguments. */
  readonly argv: readonly [file: string, ...args: string[]];
  /** The folder's real path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
  readonly trust: FolderTrust;
};
