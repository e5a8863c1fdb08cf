import { paintFor, type Io } from "@gatehouse/cli-kit";
import { mcpSecretProblem, removeMcpSecret, setMcpSecret } from "@gatehouse/gateway/mcp-secrets";
import { fail, ok } from "@gatehouse/std";
import { readKey } from "./read-key.ts";
import { inSecretPlace, type SecretPlace, type SecretsFlags } from "./secret-place.ts";
import { explainSecrets } from "./secrets-messages.ts";

/** `gatehouse secrets set` for a secret of MCP servers. Returns the exit code. */
export const setMcp = (name: string, flags: SecretsFlags, io: Io): Promise<number> =>
  inSecretPlace(flags, io, async ({ dataDir, group }) => {
    const value = await readKey(`The secret ${name}`, io, flags.json ?? false);
    if (value === null) return fail({ code: "cancelled", message: "Cancelled. Nothing was set." });
    const problem = mcpSecretProblem(value);
    if (problem !== null) return fail({ code: "invalid-secret", message: `This is no secret. ${problem}` });
    const set = await setMcpSecret(dataDir, { name, group: group?.id ?? null, value });
    if (!set.ok) return fail(explainSecrets(set.error));
    const where = group === null ? "for all groups without their own" : `for ${group.name}`;
    const text = `${paintFor(io).good("set")} the secret ${name} ${where}; agents get it at their next start`;
    return ok({ document: shownMcp(name, group), text });
  });

/** `gatehouse secrets remove` for a secret of MCP servers. Returns the exit code. */
export const removeMcp = (name: string, flags: SecretsFlags, io: Io): Promise<number> =>
  inSecretPlace(flags, io, async ({ dataDir, group }) => {
    const removed = await removeMcpSecret(dataDir, { name, group: group?.id ?? null });
    if (!removed.ok) return fail(explainSecrets(removed.error));
    const which = `${name}${group === null ? "" : ` for ${group.name}`}`;
    const text = removed.value
      ? `${paintFor(io).good("removed")} the secret ${which}; running agents have it until they end`
      : `there was no secret ${which}`;
    return ok({ document: { ...shownMcp(name, group), removed: removed.value }, text });
  });

const shownMcp = (name: string, group: SecretPlace["group"]) => ({
  ...{ name, group: group?.id ?? null, groupName: group?.name ?? null },
});
