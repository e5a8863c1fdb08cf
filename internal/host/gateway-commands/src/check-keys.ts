import { runnableProvider } from "@gatehouse/agent-clis/providers";
import type { CentralPlace } from "@gatehouse/central-database";
import type { VendorName } from "@gatehouse/gateway/options";
import { readSecrets, secretFor, type Secret } from "@gatehouse/gateway/secrets";
import { readNeeds, type AgentNeed } from "./needs.ts";
import { explainSecrets } from "./secrets/secrets-messages.ts";

/** The outcome of one check for `gatehouse doctor`. */
export type HostCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** The vendor whose key the host needs for a provider; null if it needs none. */
export const vendorOfProvider = (provider: string): VendorName | null =>
  runnableProvider(provider)?.vendor ?? null;

/** An agent whose provider needs a key. */
export type KeyNeed = AgentNeed & { readonly vendor: VendorName };

/** The agents that need a key. A database that cannot be read is reported by another check. */
export const keyNeeds = async (place: CentralPlace): Promise<readonly KeyNeed[]> => {
  const needs = await readNeeds(place);
  return (needs.ok ? needs.value.agents : []).flatMap((need) => {
    const vendor = vendorOfProvider(need.provider);
    return vendor === null ? [] : [{ ...need, vendor }];
  });
};

/**
 * Whether there is a key for each group whose agents need one. Null if no group does, or there is no database
 * to read.
 */
export const checkKeys = async (place: CentralPlace): Promise<HostCheck | null> => {
  const needs = await keyNeeds(place);
  if (needs.length === 0) return null;
  const secrets = await readSecrets(place.dataDir);
  if (!secrets.ok) return { ok: false, ...explainSecrets(secrets.error) };
  return verdict(needs, secrets.value);
};

const verdict = (needs: readonly KeyNeed[], secrets: readonly Secret[]): HostCheck => {
  const missing = needs.filter(({ id, vendor }) => secretFor(secrets, { vendor, group: id }) === null);
  const [first] = missing;
  if (first === undefined) return { ok: true, message: "there is a key for each group that needs one" };
  const groups = missing.map(({ name, vendor }) => `${name} (${vendor})`).join(", ");
  return {
    ok: false,
    message: `there is no key for the agents of ${groups}`,
    fix: `gatehouse secrets set ${first.vendor}`,
  };
};
