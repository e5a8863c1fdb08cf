import { redactText } from "@trust/dialog-engine";
import type { SessionHostOptions } from "./session-host.ts";

type Log = SessionHostOptions["log"];

/** A longer reason is cut before it is searched for secrets, and again after it: a secret is never cut in two. */
const mostSearched = 4_000;
const mostLogged = 500;

/**
 * A log whose events show no secret in their reasons. Those may quote what an agent, a program or a channel
 * said, and be as long as they like.
 */
export const safeLog =
  (log: Log): Log =>
  (event, fields) =>
    log(
      event,
      Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [
          name,
          name === "reason" && typeof value === "string" ? safe(value) : value,
        ]),
      ),
    );

const safe = (reason: string): string => redactText(reason.slice(0, mostSearched)).slice(0, mostLogged);
