import { locateFolder, trustKeys } from "@trust/codex-overrides/node";
import { probeTrust } from "@trust/claude-state-probe/node";
import { isQuiet } from "@trust/preflight";
import { readStatus, spokenVersion } from "@trust/preflight/node";
import type { Provider } from "@gatehouse/provider-facts";
import type { Diagnostic, FolderTrust } from "./launch.ts";

export type StateQuestion = {
  readonly provider: Provider;
  readonly file: string;
  /** The folder's real path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  /** The caller's own arguments. */
  readonly args: readonly string[];
};

export type StateAnswer = { readonly trust: FolderTrust; readonly diagnostics: readonly Diagnostic[] };

/**
 * Asks the provider's own state whether the agent may start here. Claude Code must already trust the folder,
 * because the adapter does not answer its dialog. Codex gets its trust with the launch. The other CLIs need
 * recorded trust as Claude Code does, unless the launch itself says that the folder is trusted.
 */
export const askState = async (question: StateQuestion): Promise<StateAnswer> => {
  switch (question.provider) {
    case "claude":
      return askClaude(question);
    case "codex":
      return { trust: unproven(await codexKey(question.cwd)), diagnostics: [] };
    default:
      return askRecorded(question);
  }
};

/** Codes of a state that has no entry for the folder: the CLI would ask. */
const wouldAsk: readonly string[] = ["passed-at-launch", "consent-needed"];

/**
 * Asks the records of Gemini, Copilot, Qwen, Kimi and pi. opencode has no records, and never asks. An
 * unreadable state, an untested version, or a folder that no rule of this machine covers leaves the decision
 * to the screen.
 */
const askRecorded = async ({ provider, file, cwd, env, args }: StateQuestion): Promise<StateAnswer> => {
  const request = { folders: [cwd], cwd, env, providers: [provider], cli: { [provider]: file } };
  const [status] = (await readStatus(request)).results;
  if (status === undefined) return { trust: unproven(cwd), diagnostics: [] };
  const { code, state, why, file: stateFile } = status;
  const key = status.key ?? cwd;
  if (state === "unknown") return { trust: unproven(key), diagnostics: [{ code, message: why }] };
  const byState = ((): FolderTrust => {
    if (isQuiet(status)) return { ...unproven(key), isProven: true };
    if (code === "untrusted-by-user") return refused(key, { code, message: why });
    if (!wouldAsk.includes(code) || saysTrusted[provider]?.(args, env)) return unproven(key);
    return refused(key, { code: "no-key", message: `${stateFile} does not say that ${key} is trusted.` });
  })();
  return { trust: byState, diagnostics: [] };
};

type SaysTrusted = (args: readonly string[], env: StateQuestion["env"]) => boolean;

/**
 * True if the caller's own launch says that the folder is trusted: Gemini's flag and variable (0.39.1 and
 * later), pi's flag (0.79.0 - 1.5.2), and the variable that stops Copilot from asking (1.0.102).
 */
const saysTrusted: { readonly [P in Provider]?: SaysTrusted } = {
  gemini: (args, env) => args.includes("--skip-trust") || env["GEMINI_CLI_TRUST_WORKSPACE"] === "true",
  pi: (args) => args.includes("--approve"),
  copilot: (_, env) => Boolean(env["COPILOT_ALLOW_ALL"]),
};

const refused = (key: string, refusal: NonNullable<FolderTrust["refusal"]>): FolderTrust => ({
  key,
  isProven: false,
  refusal,
});

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
