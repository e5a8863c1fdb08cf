import { readIfChanged } from "@gatehouse/fs-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import { noSecret, noSecretNow, type Refusal } from "../rules/refusal-messages.ts";
import type { VendorName } from "../rules/vendors.ts";
import { keyByCommand } from "./run-command.ts";
import { secretFor, vendorKeys } from "./secrets-file.ts";

export type KeySource = {
  readonly keyOf: (vendor: VendorName, groupId: string) => Promise<Result<string, Refusal>>;
  /** A vendor refused a key: the commands are run again. */
  readonly keyRefused: () => void;
};

/** Time for which a printed key is kept, ms. Commands ask password stores, which take a second. */
const keptMs = 300_000;

type Printed = { readonly until: number; readonly key: Promise<Result<string, string>> };

/** Reads the keys of a data folder. Each request looks whether the file has changed: a new key works at once. */
export const keySource = (dataDir: string, now: () => number = Date.now): KeySource => {
  const printed = new Map<string, Printed>();
  const read = readIfChanged(vendorKeys.fileIn(dataDir), () => vendorKeys.read(dataDir));
  const byCommand = async (command: readonly string[]): Promise<Result<string, string>> => {
    const name = JSON.stringify(command);
    const kept = printed.get(name);
    if (kept !== undefined && kept.until > now()) return kept.key;
    const key = keyByCommand(command);
    printed.set(name, { until: now() + keptMs, key });
    const result = await key;
    if (!result.ok) printed.delete(name);
    return result;
  };
  return {
    keyOf: async (vendor, groupId) => {
      const secrets = await read();
      if (!secrets.ok) return fail(noSecretNow(vendor, `${secrets.error.detail}.`));
      const secret = secretFor(secrets.value, { vendor, group: groupId });
      if (secret === null) return fail(noSecret(vendor));
      if ("value" in secret) return ok(secret.value);
      const key = await byCommand(secret.command);
      return key.ok ? key : fail(noSecretNow(vendor, key.error));
    },
    keyRefused: () => printed.clear(),
  };
};
