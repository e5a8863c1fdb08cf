import type { Provider } from "@gatehouse/provider-facts";

/** A runtime's request for a launch. */
export type LaunchRequest = {
  readonly provider: Provider;
  /** The absolute path that the caller gave. */
  readonly folder: string;
  /** The parsed `--settings`. The type is unknown because the content is not trusted. */
  readonly settings: unknown;
  /** The native CLI's own arguments. */
  readonly args: readonly string[];
  /** The CLI's executable. The default is the data folder's own, else the first on PATH. */
  readonly cli?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** A problem that does not stop the launch, although the caller may have expected something else. */
export type Diagnostic = {
  readonly code: string;
  /** For `override-rejected`: why it was rejected. */
  readonly reason?: string;
  readonly message: string;
};

/** The trust of the folder according to the provider's own state. */
export type FolderTrust = {
  /** The folder under which the provider records trust; null if it records none. */
  readonly key: string | null;
  /**
   * True if the provider's state says that the folder is trusted. If false, the screen may still ask, even
   * after a prompt.
   */
  readonly isProven: boolean;
  /** Why the agent may not be started; null if it may. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
};

/** One fully decided launch: a dry run prints it, a run starts it. */
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
