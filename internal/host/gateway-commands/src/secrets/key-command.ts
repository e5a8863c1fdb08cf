import { type Failure, type Io, paintFor } from "@gatehouse/cli-kit";
import type { VendorName } from "@gatehouse/gateway/options";
import { isSignInToken, type Secret, vendorKeyProblem, vendorKeys } from "@gatehouse/gateway/secrets";
import { fail, ok } from "@gatehouse/std";
import type { GroupName } from "@gatehouse/central-database";
import { inSecretPlace, type SecretsFlags } from "./secret-place.ts";
import { readKey } from "./read-key.ts";
import { explainSecrets } from "./secrets-messages.ts";

type Typed = { readonly vendor: VendorName; readonly argv: readonly string[] };

/** `gatehouse secrets set` for the key of a provider. Returns the exit code. */
export const setKey = (typed: Typed, flags: SecretsFlags, io: Io): Promise<number> =>
  inSecretPlace(flags, io, async ({ dataDir, group }) => {
    const { vendor } = typed;
    const source = flags.command === true ? { command: typed.argv } : await typedKey(vendor, io, flags);
    if ("code" in source) return fail(source);
    const set = await vendorKeys.set(dataDir, { vendor, group: group?.id ?? null, ...source });
    if (!set.ok) return fail(explainSecrets(set.error));
    const where = group === null ? "for all groups without a key of their own" : `for ${group.name}`;
    const document = shownKey({ vendor, group: group?.id ?? null, ...source }, group);
    const what = document.source === "subscription" ? "the token of a subscription" : "the key";
    const text = `${paintFor(io).good("set")} ${what} of ${vendor} ${where}; a running host uses it at once`;
    return ok({ document, text, act: keyAct("secrets set", document) });
  });

/** For the log of decisions: what was set, and never the key. */
const keyAct = (
  command: string,
  { provider, group, source }: Pick<ShownKey, "provider" | "group"> & Partial<ShownKey>,
) => ({
  command,
  args: {
    name: provider,
    group: group ?? "all groups without their own",
    ...(source === undefined ? {} : { source }),
  },
});

/** `gatehouse secrets remove` for the key of a provider. Returns the exit code. */
export const removeKey = (vendor: VendorName, flags: SecretsFlags, io: Io): Promise<number> =>
  inSecretPlace(flags, io, async ({ dataDir, group }) => {
    const removed = await vendorKeys.remove(dataDir, { vendor, group: group?.id ?? null });
    if (!removed.ok) return fail(explainSecrets(removed.error));
    const whose = `${vendor}${group === null ? "" : ` for ${group.name}`}`;
    const document = { provider: vendor, group: group?.id ?? null, removed: removed.value };
    const text = removed.value
      ? `${paintFor(io).good("removed")} the key of ${whose}`
      : `there was no key of ${whose}`;
    return ok({ document, text, ...(removed.value ? { act: keyAct("secrets remove", document) } : {}) });
  });

/** The data of a key that may be shown. */
export type ShownKey = {
  readonly provider: VendorName;
  readonly group: string | null;
  readonly groupName: string | null;
  readonly source: "stored" | "subscription" | "command";
  /** The program of a command, without its arguments, which may contain secrets. */
  readonly program: string | null;
};

export const shownKey = (secret: Secret, group: GroupName | null): ShownKey => ({
  provider: secret.vendor,
  group: secret.group,
  groupName: group?.name ?? null,
  ...("value" in secret
    ? { source: isSignInToken(secret.value) ? "subscription" : "stored", program: null }
    : { source: "command", program: secret.command[0] ?? null }),
});

const typedKey = async (
  vendor: VendorName,
  io: Io,
  { json = false }: SecretsFlags,
): Promise<{ readonly value: string } | Failure> => {
  const key = await readKey(`The key of ${vendor}`, io, json);
  if (key === null) return { code: "cancelled", message: "Cancelled. Nothing was set." };
  const problem = vendorKeyProblem(key, vendor);
  return problem === null
    ? { value: key }
    : { code: "invalid-key", message: `The key is not valid. ${problem}` };
};
