import type { CommandError } from "@nc/cli-scope";
import type { CommandContext } from "@gatehouse/command-context";

/** A change of a configuration, as it was typed. */
type Typed = {
  readonly id: string;
  readonly tools?: string;
  readonly network?: string;
  readonly yes?: boolean;
};

/** The effects of the network `open`, for the person who has to allow it. */
const openNetworkLines = [
  "With network open, the agent's container reaches:",
  "  other machines and the internet;",
  "  services of this machine, by its addresses on the engine's bridge and in its networks;",
  "  addresses of cloud metadata (169.254.169.254), which may give out keys of this machine.",
  "What it sends there does not pass the gateway, so no limit counts it.",
] as const;

/** The effects of a change, if its arguments do not tell them to a person; null if they do. */
export const effectsOf = ({ network }: Pick<Typed, "network">): readonly string[] | null =>
  network === "open" ? openNetworkLines : null;

/**
 * Why a change that gives an agent more than its own container is refused; null if the operator means it, by --yes. The
 * person who approves the change for an agent has read it.
 */
export const needsYes = (
  { id, tools, network, yes }: Typed,
  { runtime, approved }: Pick<CommandContext, "runtime" | "approved">,
): CommandError | null => {
  if (yes === true || approved !== null) return null;
  if (tools === "allow-all" && runtime.cannot.image !== undefined)
    return unconfirmed(
      id,
      `The runtime "${runtime.name}" runs agents outside containers: with allow-all the agent may do everything that its account may do.`,
    );
  return network === "open" ? opensNetwork(id) : null;
};

/** Why a group does not get the network `open` without --yes. */
export const opensNetwork = (id: string): CommandError =>
  unconfirmed(id, openNetworkLines.map((line) => line.trim()).join(" "));

const unconfirmed = (id: string, effect: string): CommandError => ({
  code: "invalid-args",
  message: `${id} was not changed. ${effect} To confirm, add --yes.`,
});
