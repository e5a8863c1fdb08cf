import { locateFolder, trustKeys } from "@trust/codex-overrides/node";
import { probeTrust } from "@trust/claude-state-probe/node";
import { spokenVersion } from "@trust/preflight/node";
import type { Provider } from "@gatehouse/std";
import type { Diagnostic, FolderTrust } from "./launch.ts";

export type StateQuestion = {
  readonly provider: Provider;
  readonly file: string;
  /** The folder's real path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
};

export type StateAnswer = { readonly trust: FolderTrust; readonly diagnostics: readonly Diagnostic[] };

/**
 * Asks the provider's own state whether the agent may be started here. Claude Code must already trust the
 * folder, because the adapter does not answer its dialog. Codex gets its trust with the launch. The trust of
 * the other CLIs can be seen only on their screens, so there the screen decides.
 */
export const askState = async (question: StateQuestion): Promise<StateAnswer> => {
  switch (question.provider) {
    case "claude":
      return askClaude(question);
    case "codex":
      return { trust: unproven(await codexKey(question.cwd)), diagnostics: [] };
    default:
      return { trust: unproven(question.cwd), diagnostics: [] };
  }
};

/** Trust that is passed at a launch is not on record, and a CLI may refuse it. */
const unproven = (key: string): FolderTrust => ({ key, isProven: false, refusal: null });

/** An unreadable state is not a refusal: the screen is watched anyway. */
const askClaude = async ({ file, cwd, env, home }: StateQuestion): Promise<StateAnswer> => {
  const cliVersion = (await spokenVersion(file, env)) ?? undefined;
  const { state, code, key, why } = await probeTrust({ workspace: cwd, env, home, cliVersion });
  const fact = { code, message: why };
  return {
    trust: { key, isProven: state === "trusted", refusal: state === "untrusted" ? fact : null },
    diagnostics: state === "unknown" ? [fact] : [],
  };
};

/**
 * The folder under which Codex records trust: the main checkout, else the root of the repository, else the
 * folder (0.45.0 - 0.169.0).
 */
const codexKey = async (cwd: string): Promise<string> => {
  const located = await locateFolder(cwd);
  return (located.ok ? trustKeys(located.value).at(-1) : undefined) ?? cwd;
};
