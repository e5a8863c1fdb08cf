import { join } from "node:path";
import {
  type PrivateFile,
  readPrivate,
  removePrivate,
  type SecretsError,
  setPrivate,
} from "@gatehouse/fs-kit";
import type { Result } from "@gatehouse/std";
import { type VendorName, vendorNames } from "../rules/vendors.ts";

export type { SecretsError } from "@gatehouse/fs-kit";

/** A vendor's key for one group, or for all groups without a key of their own. */
export type Secret = {
  readonly vendor: VendorName;
  /** The group's id; null for all groups. */
  readonly group: string | null;
} & ({ readonly value: string } | { readonly command: readonly string[] });

/** The file of the vendors' keys. Only the host's account may read it. */
export const secretsFileIn = (dataDir: string): string => join(dataDir, "secrets.json");

/** Reads the keys; none if there is no file. */
export const readSecrets = (dataDir: string): Promise<Result<readonly Secret[], SecretsError>> =>
  readPrivate(keysIn(dataDir));

/** Sets the key of a vendor and group. A key that is there is replaced. */
export const setSecret = (dataDir: string, secret: Secret): Promise<Result<boolean, SecretsError>> =>
  setPrivate(keysIn(dataDir), secret);

/** Removes the key of a vendor and group. False if there was none. */
export const removeSecret = (dataDir: string, named: Named): Promise<Result<boolean, SecretsError>> =>
  removePrivate(keysIn(dataDir), named);

/** The key of a group: its own, else the one for all groups. */
export const secretFor = (secrets: readonly Secret[], { vendor, group }: Named): Secret | null => {
  const ofVendor = secrets.filter((each) => each.vendor === vendor);
  return (
    ofVendor.find((each) => each.group === group) ?? ofVendor.find((each) => each.group === null) ?? null
  );
};

type Named = Pick<Secret, "vendor" | "group">;

const isSecret = (value: unknown): value is Secret => {
  const { vendor, group, value: key, command } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isCommand = Array.isArray(command) && command.length > 0 && command.every(isText);
  return (
    vendorNames.some((name) => name === vendor) &&
    (group === null || isText(group)) &&
    (isText(key) || isCommand)
  );
};

const isText = (value: unknown): value is string => typeof value === "string";

const keysIn = (dataDir: string): PrivateFile<Secret, Named> => ({
  ...{ file: secretsFileIn(dataDir), isEntry: isSecret },
  isNamed: (secret, { vendor, group }) => secret.vendor === vendor && secret.group === group,
});
