import { withFence } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "./leased-session.ts";

/** Whether this host may still write for the session. A database in a file always has one host. */
export const isOurs = async (
  { central: { beside: db }, isAlone }: LoopContext,
  { lease }: LeasedSession,
): Promise<boolean> => isAlone || (await withFence(db, lease.sessionId, lease.token)).ok;
