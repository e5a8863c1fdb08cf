import { z } from "zod";
import { providers } from "@gatehouse/std";

export { providers, type Provider } from "@gatehouse/std";

/** A known provider, in any case; written in lower case. */
export const provider: z.ZodType<string> = z
  .string()
  .toLowerCase()
  .refine((name) => providers.some((known) => known === name), `is not one of ${providers.join(", ")}`);

/** The provider of a session and of a configuration; null and the empty text are unset. */
type Says = { readonly provider: string | null | undefined };

/** The session's provider, else the configuration's, else `claude`; in lower case. */
export const resolveProvider = (
  session: { readonly agent_provider: string | null | undefined },
  config: Says,
): string => (session.agent_provider || config.provider || "claude").toLowerCase();
