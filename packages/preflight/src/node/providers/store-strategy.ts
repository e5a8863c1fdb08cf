import { persistConsent } from "../../verdict-messages.ts";
import type { Verdict } from "../../index.ts";
import { statusFromPlan } from "../plan/plan-folder.ts";
import type { Locate, PlanContext, PlanFolder, Strategy } from "../plan/strategy.ts";
import { storePlanner, type TrustStore } from "../stores/trust-store.ts";

/** Loads the modules that read a record late: no other provider needs them. */
type LoadStore = () => Promise<TrustStore>;

/** The verdict for a folder without a record, if the caller does not want one recorded. */
type WithoutPersist = (real: string, context: PlanContext) => Verdict;

/** Without `persist`, a CLI without a launch option is not started, since it records every answer. */
const askable: WithoutPersist = (_, { provider }) => ({
  code: "consent-needed",
  dialog: `${provider}/trust`,
  consent: persistConsent,
});

/** These CLIs have no control protocol that records trust. */
const noControl: Verdict = { code: "control-unavailable", why: "It has none that records trust." };

/** A CLI that records the answer to its own dialog. With `persist` it is asked, and its record is the proof. */
export const storeStrategy = (
  load: LoadStore,
  withoutPersist: WithoutPersist = askable,
  launchTogether: Strategy["launchTogether"] = null,
): Strategy => {
  const planner = (context: PlanContext, locate: Locate): PlanFolder => {
    const loaded = load().then((store) =>
      storePlanner(store, context, locate, (real) =>
        context.request.persist ? null : withoutPersist(real, context),
      ),
    );
    return async (workspace) => (await loaded)(workspace);
  };
  return {
    planner,
    withConfirm: async (context, use) => {
      if (context.request.via === "control") return { ok: false, error: noControl };
      const [store, { confirmWith }, { promptedFromStore }] = await Promise.all([
        load(),
        import("../dialog/confirm-by-dialog.ts"),
        import("../dialog/prompted-from-store.ts"),
      ]);
      return confirmWith(context, await promptedFromStore(store, context), use);
    },
    launchTogether,
    statusReader: (context, locate) => {
      const planFolder = planner(context, locate);
      return async (workspace) =>
        statusFromPlan(planFolder, workspace, context, (await load()).file(context));
    },
  };
};
