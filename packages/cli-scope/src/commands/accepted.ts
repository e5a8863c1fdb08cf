import { explain } from "../problems/explain.ts";
import type { Reply } from "./command.ts";

/** The data of a reply to an act whose outcome was not there in time. */
type Accepted = { readonly accepted: string };

/** The reply to an act that the host still carries out. */
export const accepted = (command: string, intentId: string): Reply => ({
  data: { accepted: intentId } satisfies Accepted,
  human: explain({ code: "act-accepted", command, intentId }),
});

/** Whether a reply says that an act was accepted and not yet carried out. */
export const isAccepted = (data: unknown): data is Accepted =>
  typeof data === "object" && data !== null && Object.keys(data).join() === "accepted";
