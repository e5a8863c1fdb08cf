import { explain } from "../problems/command-messages.ts";
import type { Reply } from "./command.ts";

/** The data of a reply to an act whose outcome did not arrive in time. */
type Accepted = { readonly accepted: string };

/** Builds the reply to an act that the host is still carrying out. */
export const accepted = (command: string, intentId: string, lookUp: string | null = null): Reply => ({
  data: { accepted: intentId } satisfies Accepted,
  human: explain({ code: "act-accepted", command, intentId, lookUp }),
});

/** True if a reply says that an act was accepted and not yet carried out. */
export const isAccepted = (data: unknown): data is Accepted =>
  typeof data === "object" && data !== null && Object.keys(data).join() === "accepted";
