import { trustKey, type TrustProbe, type WorkspacePaths } from "@trust/claude-state-probe";
import { stateFile, thisPlatform, trustSnapshot, probeTrust } from "@trust/claude-state-probe/node";
import type { Grant, Verdict } from "../../index.ts";
import { keyVerdict } from "../../trust-keys.ts";
import { tooOldVerdict } from "../../providers/version-verdicts.ts";
import type { Locate, PlanContext, PlanFolder, Strategy } from "../plan/strategy.ts";
import { planLocated, writableVerdict } from "../plan/plan-folder.ts";

/**
 * Judges the folders of one plan by their state on disk: refused, impossible, already trusted, or pending. Data that
 * folders share is read once.
 */
const claudePlanner = (context: PlanContext, locate: Locate): PlanFolder => {
  const { env, home, cli } = context;
  const cliVersion = cli?.version ?? undefined;
  const snapshot = trustSnapshot({ env, home, cliVersion });
  return (workspace) =>
    planLocated(workspace, context, locate, async (paths) => {
      const [grants, probe] = await Promise.all([snapshot.grants(paths), snapshot.probe(paths)]);
      const isKeyKnown = probe.state === "trusted" && probe.key !== null;
      const key = isKeyKnown ? probe.key : trustKey(paths, cliVersion, thisPlatform);
      return { trustKey: key, grants, verdict: await judge({ paths, key, grants, probe }, context) };
    });
};

type Facts = {
  readonly paths: WorkspacePaths;
  readonly key: string;
  readonly grants: readonly Grant[];
  readonly probe: TrustProbe;
};

/** The first reason that settles the folder; null if the CLI must be asked. */
const judge = async ({ paths, key, grants, probe }: Facts, context: PlanContext): Promise<Verdict | null> => {
  const { request, env, home } = context;
  return (
    (probe.code === "pointer-unreadable" ? keyVerdict(key, paths, { platform: thisPlatform }) : null) ??
    (probe.state === "unknown" ? { code: "state-unreadable", file: probe.file, why: probe.why } : null) ??
    (request.refuseGrants && grants.length > 0 ? { code: "grants-refused", grants } : null) ??
    (probe.state === "trusted" ? trusted(probe) : null) ??
    keyVerdict(key, paths, { platform: thisPlatform, cliVersion: context.cli?.version ?? undefined }) ??
    cliVerdict(context) ??
    (await writableVerdict(stateFile(env, home)))
  );
};

const cliVerdict = ({ cli, looked, provider }: PlanContext): Verdict | null =>
  cli === null ? { code: "cli-not-found", looked } : tooOldVerdict(provider, cli.version);

const trusted = ({ code, why }: TrustProbe): Verdict => ({
  code: code === "covered-by-parent" ? code : "already-trusted",
  why,
});

/**
 * Claude Code: starts the program in the folder, and the program records trust itself. The imports are late because the
 * modules that drive it (a terminal emulator among them) take longer to load than finding a folder that is already
 * trusted.
 */
export const claude: Strategy = {
  planner: claudePlanner,
  withConfirm: async (context, use) => {
    const [{ confirmClaude }, { confirmWith }, { promptedClaude }] = await Promise.all([
      import("../control/confirm-claude.ts"),
      import("../dialog/confirm-by-dialog.ts"),
      import("../dialog/prompted-claude.ts"),
    ]);
    const confirm = context.request.via === "dialog" ? confirmWith : confirmClaude;
    return confirm(context, promptedClaude(context), use);
  },
  launchTogether: null,
  // Uses the caller's own environment, as a CLI that the caller starts would.
  statusReader: ({ request: { env }, provider, cli, home }, locate) => {
    const asking = { env, home, cliVersion: cli?.version ?? undefined };
    const snapshot = trustSnapshot(asking);
    return async (workspace) => {
      const located = await locate(workspace);
      const [{ state, code, key, file, why }, grants] = await (located.ok
        ? Promise.all([snapshot.probe(located.value), snapshot.grants(located.value)])
        : Promise.all([probeTrust({ workspace, ...asking }), null]));
      return { workspace, provider, state, code, key, file, why, grants };
    };
  },
};
