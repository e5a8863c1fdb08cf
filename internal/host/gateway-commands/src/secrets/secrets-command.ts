import { type Failure, type Io, paintFor, printFailure } from "@gatehouse/cli-kit";
import { type VendorName, vendorNames } from "@gatehouse/gateway/options";
import { isValidSecretName } from "@nc/container-config";
import { mcpSecretProblem, mcpSecrets } from "@gatehouse/gateway/mcp-secrets";
import { fail, ok } from "@gatehouse/std";
import { removeKey, setKey } from "./key-command.ts";
import { inSecretPlace, type SecretPlace, type SecretsFlags } from "./secret-place.ts";
import { readKey } from "./read-key.ts";
import { explainSecrets } from "./secrets-messages.ts";

type Typed = { readonly name: string; readonly argv: readonly string[] };

/** `gatehouse secrets set`. Returns the exit code. */
export const setCommand = async (typed: Typed, flags: SecretsFlags, io: Io): Promise<number> => {
  const vendor = vendorOf(typed.name);
  const failure = usageError(typed, flags, vendor);
  if (failure !== null) return refuse(failure, flags, io);
  return vendor === undefined
    ? setMcp(typed.name, flags, io)
    : setKey({ vendor, argv: typed.argv }, flags, io);
};

/** `gatehouse secrets remove`. Returns the exit code. */
export const removeCommand = async (name: string, flags: SecretsFlags, io: Io): Promise<number> => {
  const vendor = vendorOf(name);
  if (vendor !== undefined) return removeKey(vendor, flags, io);
  return isValidSecretName(name) ? removeMcp(name, flags, io) : refuse(noName, flags, io);
};

/** Finds a vendor. No secret has the same name: vendors are in lower case, secrets in upper case. */
const vendorOf = (name: string): VendorName | undefined => vendorNames.find((each) => each === name);

const usageError = (
  { name, argv }: Typed,
  { command = false }: SecretsFlags,
  vendor: VendorName | undefined,
): Failure | null => {
  if (vendor === undefined && !isValidSecretName(name)) return noName;
  if (!command) return argv.length > 0 ? keyInArguments : null;
  if (vendor === undefined) return commandForKeysOnly;
  return argv.length > 0 ? null : commandMissing;
};

const refuse = (failure: Failure, { json = false }: SecretsFlags, io: Io): number => {
  printFailure(io, json, failure);
  return 2;
};

/** The message does not quote the typed text, which may be a secret. */
const noName: Failure = {
  code: "usage",
  message: `The name is neither a provider (${vendorNames.join(", ")}) nor the name of a secret.`,
  fix: "a secret's name has capital letters, digits and _, at most 64, and begins with a letter: RSS_TOKEN",
};

const keyInArguments: Failure = {
  code: "usage",
  message: "A key is not an argument: every account of this machine can read arguments.",
  fix: "type the key at the prompt, or give it on stdin; a command after -- needs --command",
};

const commandMissing: Failure = {
  code: "usage",
  message: "--command needs a program after --.",
  fix: "gatehouse secrets set anthropic --command -- pass show anthropic",
};

const commandForKeysOnly: Failure = {
  code: "usage",
  message: "--command is only for the keys of providers, not for a secret of MCP servers.",
  fix: "give its value on stdin: pass show rss | gatehouse secrets set RSS_TOKEN",
};

/** `gatehouse secrets set` for a secret of MCP servers. Returns the exit code. */
const setMcp = (name: string, flags: SecretsFlags, io: Io): Promise<number> =>
  inSecretPlace(flags, io, async ({ dataDir, group }) => {
    const value = await readKey(`The secret ${name}`, io, flags.json ?? false);
    if (value === null) return fail({ code: "cancelled", message: "Cancelled. Nothing was set." });
    const problem = mcpSecretProblem(value);
    if (problem !== null)
      return fail({ code: "invalid-secret", message: `The secret is not valid. ${problem}` });
    const set = await mcpSecrets.set(dataDir, { name, group: group?.id ?? null, value });
    if (!set.ok) return fail(explainSecrets(set.error));
    const where = group === null ? "for all groups without their own" : `for ${group.name}`;
    const text = `${paintFor(io).good("set")} the secret ${name} ${where}; agents get it at their next start`;
    return ok({ document: shownMcp(name, group), text, act: mcpAct("secrets set", name, group) });
  });

/** `gatehouse secrets remove` for a secret of MCP servers. Returns the exit code. */
const removeMcp = (name: string, flags: SecretsFlags, io: Io): Promise<number> =>
  inSecretPlace(flags, io, async ({ dataDir, group }) => {
    const removed = await mcpSecrets.remove(dataDir, { name, group: group?.id ?? null });
    if (!removed.ok) return fail(explainSecrets(removed.error));
    const which = `${name}${group === null ? "" : ` for ${group.name}`}`;
    const text = removed.value
      ? `${paintFor(io).good("removed")} the secret ${which}; running agents have it until they end`
      : `there was no secret ${which}`;
    const document = { ...shownMcp(name, group), removed: removed.value };
    return ok({ document, text, ...(removed.value ? { act: mcpAct("secrets remove", name, group) } : {}) });
  });

const mcpAct = (command: string, name: string, group: SecretPlace["group"]) => ({
  command,
  args: { name, group: group?.id ?? "all groups without their own" },
});

const shownMcp = (name: string, group: SecretPlace["group"]) => ({
  name,
  group: group?.id ?? null,
  groupName: group?.name ?? null,
});
