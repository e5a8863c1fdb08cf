import type { PlaceSeen } from "@gatehouse/agent-clis/applied";
import type { Actor, CommandError } from "@nc/cli-scope";
import type { Unconfirmed } from "../confirmable.ts";
import { isolations, isWeaker, type ContainerConfig } from "@nc/container-config";

/** The effects of the network `open`. */
const openNetworkLines = [
  "With network open, the agent's container reaches:",
  "  other machines and the internet;",
  "  services of this machine, by its addresses on the engine's bridge and in its networks;",
  "  addresses of cloud metadata (169.254.169.254), which may give out keys of this machine.",
  "What it sends there does not pass the gateway, so no limit counts it.",
] as const;

/** A change of a group's configuration, as it was typed. */
type Typed = {
  readonly id: string;
  readonly tools?: string;
  readonly network?: string;
  readonly model?: string;
  readonly effort?: string;
  readonly yes?: boolean;
};

/** The effects of values that are dangerous by themselves. To add one, add a line here. */
export const unconfirmedValues = (
  { id, tools, network, ...typed }: Typed,
  actor: Actor,
  place: Pick<PlaceSeen, "name" | "isolation">,
): Unconfirmed | null => {
  const says = [
    ...(tools === "allow-all" && place.isolation === "process"
      ? [
          `The runtime "${place.name}" runs agents outside containers: with allow-all the agent may do everything that its account may do.`,
        ]
      : []),
    ...(network === "open" ? openNetworkLines : []),
    ...(actor.type === "agent" ? unknownNames(typed) : []),
  ];
  return says.length === 0 ? null : { says, refusal: notChanged(id, says) };
};

/** What `--yes` of an agent does to names that its CLI does not know. `prepareModel` refuses them without it. */
export const unknownNames = ({ model, effort, yes }: Omit<Typed, "id">): readonly string[] =>
  yes !== true || (model === undefined && effort === undefined)
    ? []
    : ["With --yes, the model and the effort are saved even if the agent's CLI does not know them."];

/** The effect of a rollback by the operator that opens the network again. */
export const opensNetwork = (id: string): Unconfirmed => ({
  says: openNetworkLines,
  refusal: notChanged(id, openNetworkLines),
});

/** A change of the isolation, and the configuration before it. */
type Lowering = {
  readonly id: string;
  readonly isolation?: string;
  readonly before: Pick<ContainerConfig, "isolation" | "tools">;
};

/** The effect of a change that lowers the isolation of a group; null for any other change. */
export const lowersIsolation = ({ id, isolation, before }: Lowering): Unconfirmed | null => {
  const wanted = isolations.find((each) => each === isolation);
  if (wanted === undefined || !isWeaker(wanted, before.isolation)) return null;
  const says = [
    wanted === "sandbox"
      ? "The group's agents then run in a sandbox: without an image, and without limits of memory and processors."
      : "The group's agents then run outside containers, and may do everything that their account may do.",
    ...(before.tools === "ask" ? [] : [`Its policy for tools stays ${before.tools}.`]),
  ];
  return { says, refusal: notChanged(id, says) };
};

/** Why a change may not lower the isolation of a group, also with `--yes` or an approval; null if it may. */
export const mayNotLower = (
  lowering: Lowering,
  actor: Actor,
  place: Pick<PlaceSeen, "name" | "isolation">,
): CommandError | null => {
  if (lowersIsolation(lowering) === null) return null;
  const { id, isolation } = lowering;
  const here = place.isolation;
  if (actor.type !== "host")
    return {
      code: "forbidden",
      message: `${id} was not changed. Only the operator lowers the isolation of a group, with ncl on the host's machine.`,
    };
  if (isolations.some((each) => each === isolation && !isWeaker(each, here))) return null;
  const where = here === "sandbox" ? "sandboxes" : `containers (${place.name})`;
  return {
    code: "invalid-args",
    message: `${id} was not changed. This host runs agents in ${where}, so the next start would raise the isolation again. First restart the host with gatehouse up --runtime ${isolation}.`,
  };
};

const notChanged = (id: string, says: readonly string[]): CommandError => ({
  code: "invalid-args",
  message: `${id} was not changed. ${says.map((line) => line.trim()).join(" ")} To confirm, add --yes.`,
});
