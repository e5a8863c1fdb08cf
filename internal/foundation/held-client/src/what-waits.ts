import type { WaitingApproval, WaitingInHost, WaitingVendor } from "@gatehouse/std";
import type { HeldAgent } from "./client/index.ts";

/**
 * An entry that waits for a person, or for the vendor of a model. `code` is the reason: `consent-needed`, `no-connection`,
 * `approval`, `question`, `vendor`.
 */
export type Waiting = { readonly since: string; readonly code: string } & (
  | { readonly what: "agent"; readonly agent: HeldAgent }
  | { readonly what: "approval"; readonly approval: WaitingApproval }
  | { readonly what: "vendor"; readonly vendor: WaitingVendor }
);

/**
 * Why an agent waits for a person: it asks something, ended by itself with a problem that only a person can
 * solve, or has a notice. Null if it does not wait.
 */
export const waitsFor = ({ state, question, endedAt, notice }: HeldAgent): string | null => {
  if (state === "ended") return endedAt ?? null;
  if (state === "lost") return null;
  return question?.code ?? notice?.code ?? (state === "waiting" ? state : null);
};

/** Questions of held agents, approvals and waits for vendors as one list, the longest wait first: what any door shows a person. */
export const whatWaits = (
  agents: readonly HeldAgent[],
  { approvals, vendors }: Pick<WaitingInHost, "approvals" | "vendors">,
): readonly Waiting[] => {
  const ofAgents = agents.flatMap((agent): readonly Waiting[] => {
    const code = waitsFor(agent);
    return code === null ? [] : [{ what: "agent", since: agent.since, code, agent }];
  });
  const ofPeople = approvals.map((approval): Waiting => {
    const code = approval.kind === "question" ? "question" : "approval";
    return { what: "approval", since: approval.since, code, approval };
  });
  const ofVendors = vendors.map((vendor): Waiting => ({
    what: "vendor",
    since: vendor.since,
    code: "vendor",
    vendor,
  }));
  return [...ofAgents, ...ofPeople, ...ofVendors].toSorted(
    (a, b) => Date.parse(a.since) - Date.parse(b.since),
  );
};
