import * as z from "zod";
import { providers as agentClis, type Provider as CliProvider } from "@gatehouse/provider-facts";

/** The providers that are no CLI of a known agent. */
const own = ["echo"] as const;

/**
 * The providers of an agent: the known CLIs, and `echo`, which answers each message with the message's own
 * text. `echo` has no folder to trust and no CLI, so no other package knows it.
 */
export const providers: readonly (CliProvider | (typeof own)[number])[] = [...agentClis, ...own];

export type Provider = (typeof providers)[number];

/** The name of a provider that a host's operator has added. The host says at a start whether it has it. */
const ownOfHost = /^own:[a-z][a-z0-9-]{0,31}$/;

/** A known provider, in any case; written in lower case. */
export const provider: z.ZodType<string> = z
  .string()
  .toLowerCase()
  .refine(
    (name) => ownOfHost.test(name) || providers.some((known) => known === name),
    `is not one of ${providers.join(", ")}, or own:NAME for one that gatehouse providers add has added`,
  );

/** The provider of a session and of a configuration; null and the empty text are unset. */
type ProviderSetting = { readonly provider: string | null | undefined };

/** The session's provider, else the configuration's, else `claude`; in lower case. */
export const resolveProvider = (
  session: { readonly agent_provider: string | null | undefined },
  config: ProviderSetting,
): string => (session.agent_provider || config.provider || "claude").toLowerCase();
