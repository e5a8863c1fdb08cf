import { type PrivateList, privateList } from "@gatehouse/fs-kit";
import { type VendorName, vendorNames } from "../rules/vendors.ts";

export type { SecretsError } from "@gatehouse/fs-kit";

/** A vendor's key for one group, or for all groups without a key of their own. */
export type Secret = {
  readonly vendor: VendorName;
  /** The group's id; null for all groups. */
  readonly group: string | null;
} & ({ readonly value: string } | { readonly command: readonly string[] });

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

/** The vendors' keys. */
export const vendorKeys: PrivateList<Secret, Named> = privateList({
  fileName: "secrets.json",
  isEntry: isSecret,
  isNamed: (secret, { vendor, group }) => secret.vendor === vendor && secret.group === group,
});
