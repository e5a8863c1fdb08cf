import type { WaitingApproval } from "@gatehouse/std";
import type { HeldAgent } from "./client/index.ts";

/** An entry that waits for a person. `code` is the reason: `consent-needed`, `no-connection`, `approval`, `question`. */
export type Waiting = { readonly since: string; readonly code: string } & (
  | { readonly what: "agent"; readonly agent: HeldAgent }
  | { readonly what: "approval"; readonly approval: WaitingApproval }
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

/** Questions of held agents and approvals as one list, the longest wait first: what any door shows a person. */
export const whatWaits = (
  agents: readonly HeldAgent[],
  approvals: readonly WaitingApproval[],
): readonly Waiting[] => {
  const ofAgents = agents.flatMap((agent): readonly Waiting[] => {
    const code = waitsFor(agent);
    return code === null ? [] : [{ what: "agent", since: agent.since, code, agent }];
  });
  const ofPeople = approvals.map((approval): Waiting => {
    const code = approval.kind === "question" ? "question" : "approval";
    return { what: "approval", since: approval.since, code, approval };
  });
  return [...ofAgents, ...ofPeople].toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since));
};
