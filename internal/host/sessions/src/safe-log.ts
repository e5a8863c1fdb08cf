import { redactText } from "@trust/dialog-engine";
import type { SessionHostOptions } from "./session-host.ts";

type Log = SessionHostOptions["log"];

/**
 * Characters of a reason that are searched for secrets. The log keeps fewer: the text is shortened after the
 * search, so that a secret at the cut is removed completely.
 */
const mostSearched = 4_000;
const mostLogged = 500;

/**
 * A log that removes secrets from the reasons of events. A reason may quote an agent, a program or a channel,
 * and may have any length.
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
