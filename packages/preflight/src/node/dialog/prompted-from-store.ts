import { setInterval } from "node:timers";
import { projectGrants } from "../../grants.ts";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { PromptedCli } from "./prompted-cli.ts";
import type { ConfirmContext } from "../plan/strategy.ts";
import { askingEnv, type TrustStore } from "../stores/trust-store.ts";

/** These CLIs took 10 - 20 s to ask on a busy machine (Gemini 0.61.0, Copilot 1.0.102, Qwen 0.24.4). */
const defaultTimeoutMs = 60_000;

/** How often to read the state, ms. The files are small, and are read only for the seconds that a start takes. */
const lookMs = 50;

/** A CLI whose own record proves trust: no screen counts as proof. */
export const promptedFromStore = async (store: TrustStore, context: ConfirmContext): Promise<PromptedCli> => {
  const isTrusted = (paths: WorkspacePaths): boolean =>
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
    isTrusted: async (paths) => isTrusted(paths),
    watchTrusted: (paths, onTrusted) => {
      const timer = setInterval(() => {
        if (isTrusted(paths)) onTrusted();
      }, lookMs);
      return () => clearInterval(timer);
    },
    grantsOf: async (paths) => projectGrants(store.projectFiles(paths)),
    runsAlone: store.runsAlone ?? false,
    unasked: "not-asked",
  };
};
