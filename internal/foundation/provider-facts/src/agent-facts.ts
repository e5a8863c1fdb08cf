/** A vendor of models whose API the gateway speaks, by its name in commands and in the database. */
export type Vendor = "anthropic" | "openai" | "google";

/** A field that the provider applies, instead of the host or the runtime. */
export type ProviderField = "model" | "effort" | "mcp_servers";

/** Facts about a provider's CLI as an agent of a host. */
export type AgentFacts = {
  /** The fields of a configuration that the provider applies, apart from `provider`. */
  readonly applies: readonly ProviderField[];
  /** The vendor whose key the host needs. */
  readonly vendor: Vendor;
  /** The oldest version that the runner takes; null if it takes each. */
  readonly oldest: string | null;
  /** What `gatehouse init --fetch` fetches, in MB on disk (about); null if it fetches nothing. */
  readonly fetchedMegabytes: number | null;
  /** Sentences for a person about behaviour that no field shows. */
  readonly notes: readonly string[];
};
