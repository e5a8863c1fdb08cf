import type { Verdict, PlannedFolder, Provider } from "../../index.ts";
import { planLocated, statusFromPlan } from "../plan/plan-folder.ts";
import type { Strategy, Locate, PlanContext } from "../plan/strategy.ts";
import { geminiLaunch } from "../../providers/gemini-trust.ts";
import { storeStrategy } from "./store-strategy.ts";
import { unprovenVerdict } from "../../providers/version-verdicts.ts";
import { neverAsks, piLaunch } from "../../providers/pi-trust.ts";
import { claude } from "./claude.ts";

/** `persist` uses only the `app-server` of Codex. */
const noDialog: Verdict = { code: "control-unavailable", why: "Its dialog is never answered for a person." };

/**
 * Codex: starts nothing and writes no file, since each launch names the folders that it may trust. With `persist` its
 * `app-server` records them. The modules are loaded late: no other provider needs them.
 */
const codex: Strategy = {
  planner: (context, locate) => {
    const planner = import("./plan-codex-folder.ts").then(({ codexPlanner }) =>
      codexPlanner(context, locate),
    );
    return async (workspace) => (await planner)(workspace);
  },
  withConfirm: async (context, use) => {
    if (context.request.via === "dialog") return { ok: false, error: noDialog };
    const { confirmCodex } = await import("../control/confirm-codex.ts");
    return confirmCodex(context, use);
  },
  launchTogether: async (folders, context) => {
    const { codexLaunchTogether } = await import("./plan-codex-folder.ts");
    return codexLaunchTogether(folders, context);
  },
  statusReader: (context, locate) => {
    const planFolder = codex.planner(context, locate);
    return async (workspace) => {
      const { configFile } = await import("@trust/codex-overrides/node");
      return statusFromPlan(planFolder, workspace, context, configFile(context));
    };
  },
};

/** Gemini CLI: each launch can carry trust for its folder, without starting or writing anything; `persist` makes it ask. */
const gemini: Strategy = storeStrategy(
  async () => (await import("../stores/trusted-folders.ts")).geminiStore,
  (key, { cli }) => ({ code: "passed-at-launch", key, launch: geminiLaunch(cli?.version ?? null) }),
  async (_, { cli }) => ({ ok: true, value: geminiLaunch(cli?.version ?? null) }),
);

/** Copilot CLI: "Yes" holds for one session only, so the answer is the option that remembers. */
const copilot: Strategy = storeStrategy(
  async () => (await import("../stores/copilot-store.ts")).copilotStore,
);

/** Qwen Code: asks only if the user has enabled trust dialogs. */
const qwen: Strategy = storeStrategy(async () => (await import("../stores/trusted-folders.ts")).qwenStore);

/** Kimi Code: asks once for each folder. */
const kimi: Strategy = storeStrategy(async () => (await import("../stores/kimi-store.ts")).kimiStore);

/** A CLI that reaches its prompt in every folder, in the tested versions. */
const neverAsked: Strategy = {
  planner: (context, locate) => (workspace) => planUnasked(workspace, context, locate),
  withConfirm: null,
  launchTogether: null,
  statusReader: (context, locate) => (workspace) =>
    statusFromPlan((folder) => planUnasked(folder, context, locate), workspace, context, null),
};

const planUnasked = (workspace: string, context: PlanContext, locate: Locate): Promise<PlannedFolder> =>
  planLocated(workspace, context, locate, () => ({
    trustKey: null,
    grants: null,
    verdict: unprovenVerdict(context.provider, context.cli) ?? { code: "not-needed" },
  }));

const askingPi: Strategy = storeStrategy(
  async () => (await import("../stores/pi-store.ts")).piStore,
  (key, { provider, cli }) =>
    unprovenVerdict(provider, cli) ?? { code: "passed-at-launch", key, launch: piLaunch },
  async () => ({ ok: true, value: piLaunch }),
);

const piStrategyFor = ({ provider, cli }: PlanContext): Strategy =>
  unprovenVerdict(provider, cli) === null && neverAsks(cli?.version ?? null) ? neverAsked : askingPi;

/**
 * pi: a tested version from before its trust dialog asks in no folder. A later version gets trust at launch, or is asked
 * with `persist`.
 */
const pi: Strategy = {
  ...askingPi,
  planner: (context, locate) => piStrategyFor(context).planner(context, locate),
  statusReader: (context, locate) => piStrategyFor(context).statusReader(context, locate),
};

/** One row per provider. */
export const strategies: { readonly [P in Provider]: Strategy } = {
  claude,
  codex,
  gemini,
  copilot,
  qwen,
  kimi,
  opencode: neverAsked,
  pi,
};
