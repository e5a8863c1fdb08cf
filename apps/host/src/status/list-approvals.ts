import type { ListApprovals } from "@gatehouse/agents/ps";

/** Reads the approvals for `gatehouse ps --waiting`. Without that flag `ps` never loads the database's code. */
export const listApprovals: ListApprovals = async (place) =>
  (await import("@gatehouse/dispatch")).readWaiting(place);
