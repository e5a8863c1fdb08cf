import type { ListApprovals } from "@gatehouse/held-agents/ps";

/** For `gatehouse ps --waiting`, which alone loads the database. */
export const listApprovals: ListApprovals = async (place) =>
  (await import("@gatehouse/control-plane")).readWaiting(place);
