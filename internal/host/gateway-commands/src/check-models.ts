import type { CentralPlace } from "@gatehouse/central-database";
import { defaultUpstreams, keySource, tryVendor, type Upstreams, type VendorTrial } from "@gatehouse/gateway";
import { storedUpstream } from "@gatehouse/gateway/options";
import { secretFor, vendorKeys } from "@gatehouse/gateway/secrets";
import { keyNeeds, type HostCheck, type KeyNeed } from "./check-keys.ts";

/**
 * Asks each vendor of agents for its models, once for each key, model and address, with the gateway's requests. Returns null if no
 * agent needs a vendor, or if no key is set, which `checkKeys` reports.
 */
export const checkModels = async (
  place: CentralPlace,
  upstreams: Partial<Upstreams> = {},
): Promise<HostCheck | null> => {
  const needs = await differentNeeds(place);
  if (needs.length === 0) return null;
  const { keyOf } = keySource(place.dataDir);
  const trials = await Promise.all(
    needs.map(async ({ id, vendor, model, upstream }) => {
      const own = upstream === null ? {} : storedUpstream(upstream);
      const all = { ...defaultUpstreams, ...upstreams, ...own };
      const trial = await tryVendor({ keyOf, upstreams: all, vendor, groupId: id, model: fullName(model) });
      const isUsual = all[vendor].href === defaultUpstreams[vendor].href;
      return isUsual ? trial : { ...trial, message: `${trial.message}, at ${all[vendor].href}` };
    }),
  );
  return checkOf(trials);
};

/** Returns one need for each key, model and address. */
const differentNeeds = async (place: CentralPlace): Promise<readonly KeyNeed[]> => {
  const secrets = await vendorKeys.read(place.dataDir);
  const byTrial = new Map<string, KeyNeed>();
  for (const need of await keyNeeds(place)) {
    const { vendor, id, model, upstream } = need;
    const secret = secrets.ok ? secretFor(secrets.value, { vendor, group: id }) : null;
    const name = JSON.stringify([vendor, secret?.group ?? null, fullName(model), upstream]);
    if (secret !== null && !byTrial.has(name)) byTrial.set(name, need);
  }
  return [...byTrial.values()];
};

/** Returns a vendor's name of a model; null for a short name of the CLI, such as `opus`, which has no digit. */
const fullName = (model: string | null): string | null =>
  model !== null && /\d/.test(model) ? model.replace(/\[[a-z0-9]+\]$/, "") : null;

const checkOf = (trials: readonly VendorTrial[]): HostCheck => {
  const failed = trials.filter(({ outcome }) => outcome !== "ok");
  const message = [...new Set((failed.length > 0 ? failed : trials).map((trial) => trial.message))].join(
    "; ",
  );
  const fix = failed.find((trial) => trial.fix !== undefined)?.fix;
  return { ok: failed.length === 0, message, ...(fix === undefined ? {} : { fix }) };
};
