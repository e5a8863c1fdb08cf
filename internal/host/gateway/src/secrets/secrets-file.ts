import { join } from "node:path";
import type { Result } from "@gatehouse/std";
import { changePrivate, type PrivateFile, readPrivate, type SecretsError } from "../private-file.ts";
import { type VendorName, vendorNames } from "../rules/vendors.ts";

export type { SecretsError } from "../private-file.ts";

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
  changePrivate(keysIn(dataDir), (secrets) => [...secrets.filter((each) => !isSame(each, secret)), secret]);

/** Removes the key of a vendor and group. False if there was none. */
export const removeSecret = (
  dataDir: string,
  named: Pick<Secret, "vendor" | "group">,
): Promise<Result<boolean, SecretsError>> =>
  changePrivate(keysIn(dataDir), (secrets) => secrets.filter((each) => !isSame(each, named)));

/** The key of a group: its own, else the one for all groups. */
export const secretFor = (
  secrets: readonly Secret[],
  { vendor, group }: Pick<Secret, "vendor" | "group">,
): Secret | null => {
  const ofVendor = secrets.filter((each) => each.vendor === vendor);
  return (
    ofVendor.find((each) => each.group === group) ?? ofVendor.find((each) => each.group === null) ?? null
  );
};

const isSame = (one: Pick<Secret, "vendor" | "group">, other: Pick<Secret, "vendor" | "group">): boolean =>
  one.vendor === other.vendor && one.group === other.group;

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

const keysIn = (dataDir: string): PrivateFile<Secret> => ({
  file: secretsFileIn(dataDir),
  isEntry: isSecret,
});
