import { cliFacts, providers, type CliFacts } from "@gatehouse/provider-facts";
import type { Provider } from "../request.ts";

/** Facts about a provider's program that are needed before it is started. */
export type AgentCli = { readonly provider: Provider } & Pick<
  CliFacts,
  "title" | "file" | "npmPackage" | "formerPackage" | "npmVersion" | "trust" | "oldest" | "proven"
>;

/** The program of each provider. */
export const agentClis: { readonly [P in Provider]: AgentCli } = Object.fromEntries(
  providers.map((provider): [Provider, AgentCli] => [provider, { provider, ...cliFacts[provider] }]),
) as Record<Provider, AgentCli>;

export const installCommand = ({ npmPackage, npmVersion }: AgentCli): string =>
  `npm install -g ${npmPackage}@${npmVersion}`;
