import { fail, type Result } from "@gatehouse/std";
import type { ProviderError } from "../provider.ts";

/** The result of an aborted turn; the runner ignores it. */
export const interrupted: Result<never, ProviderError> = fail({
  code: "failed",
  message: "The turn was interrupted.",
} as const);
