import { homeOf } from "@gatehouse/fs-kit";
import type { Diagnostic, Launch } from "./launch.ts";

/**
 * Takes a snapshot of Codex's config.toml before Codex starts. The returned function compares it with the
 * file after Codex has ended: trust that is passed at launch must not be written there. Nothing is restored.
 * The modules are loaded late, since no other provider needs them.
 */
export const watchConfig = async ({
  provider,
  env,
}: Pick<Launch, "provider" | "env">): Promise<() => Promise<Diagnostic | null>> => {
  if (provider !== "codex") return async () => null;
  const [{ configChange, explain }, { configFile, snapshotConfig }] = await Promise.all([
    import("@trust/codex-overrides"),
    import("@trust/codex-overrides/node"),
  ]);
  const file = configFile({ env, home: homeOf(env) });
  const before = await snapshotConfig(file);
  return async () => {
    const after = await snapshotConfig(file);
    const change = before.ok && after.ok ? configChange(before.value, after.value) : null;
    return change?.code === "codex_config_changed_during_trust_override"
      ? { code: change.code, message: explain(change) }
      : null;
  };
};
