import type { Environment } from "../../index.ts";
import { projectGrants } from "../../grants.ts";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { watchByReading, type PromptedCli } from "./prompted-cli.ts";
import type { ConfirmContext } from "../plan/strategy.ts";
import type { TrustStore } from "../stores/trust-store.ts";

/** These CLIs took 10 - 20 s to ask on a busy machine (Gemini 0.61.0, Copilot 1.0.102, Qwen 0.24.4). */
const defaultTimeoutMs = 60_000;

/** A CLI whose own record proves trust: no screen counts as proof. */
export const promptedFromStore = async (store: TrustStore, context: ConfirmContext): Promise<PromptedCli> => {
  const isTrusted = async (paths: WorkspacePaths): Promise<boolean> =>
    store.read(context)(paths)?.verdict.code === "already-trusted";
  return {
    pack: await store.pack(),
    env: askingEnv(context.env),
    withArgs: async (use) => ({ ok: true, value: await use(store.args ?? []) }),
    file: store.file(context),
    alsoLocked: (paths) => store.alsoLocked?.(context, paths) ?? [],
    homeFile: store.file({ env: {}, home: context.home }),
    defaultTimeoutMs,
    keyOf: store.keyOf,
    trustedKeys: async () => store.trustedKeys(context),
    isTrusted,
    watchTrusted: watchByReading(isTrusted),
    grantsOf: async (paths) => projectGrants(store.projectFiles(paths)),
    runsAlone: store.runsAlone ?? false,
    unasked: "not-asked",
  };
};

/**
 * Variables that make these CLIs treat their terminal as unattended, or that answer for the user. A CLI that must ask
 * never gets them.
 */
const unaskedVariables: ReadonlySet<string> = new Set([
  ...["CI", "CONTINUOUS_INTEGRATION", "GITHUB_ACTIONS"],
  "GEMINI_CLI_TRUST_WORKSPACE",
  // With it Copilot opens an untrusted folder without asking (1.0.102).
  "COPILOT_ALLOW_ALL",
]);

/** An environment in which a CLI asks. */
const askingEnv = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !unaskedVariables.has(name)));
