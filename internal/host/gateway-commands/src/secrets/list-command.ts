import { type Failure, type Io, printFailure, printJson } from "@gatehouse/cli-kit";
import { readGroups } from "@gatehouse/central-database";
import { chooseDatabase } from "@gatehouse/data-folder/choose-database";
import { dataFolder } from "@gatehouse/fs-kit";
import { mcpSecrets } from "@gatehouse/gateway/mcp-secrets";
import { vendorKeys } from "@gatehouse/gateway/secrets";
import { fail, ok, type Result } from "@gatehouse/std";
import type { SecretsFlags } from "./secret-place.ts";
import { shownKey, type ShownKey } from "./key-command.ts";
import { explainSecrets } from "./secrets-messages.ts";

/** `gatehouse secrets list`. Returns the exit code. */
export const listCommand = async (flags: SecretsFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const listed = await listIn({ dataDir: dataFolder(io.env, flags.data), ...chosen });
  if (!listed.ok) {
    printFailure(io, isJson, listed.error);
    return 1;
  }
  const { keys, mcpSecrets } = listed.value;
  if (isJson) printJson(io, { ok: true, secrets: keys, mcpSecrets });
  else if (keys.length + mcpSecrets.length === 0)
    io.stdout.write("There are no keys: gatehouse secrets set anthropic\n");
  else for (const line of [...keys.map(keyLine), ...mcpSecrets.map(mcpLine)]) io.stdout.write(`${line}\n`);
  return 0;
};

/** The data of a secret of MCP servers that may be shown: not its value. */
type ShownMcpSecret = Pick<ShownKey, "group" | "groupName"> & { readonly name: string };

type Listed = { readonly keys: readonly ShownKey[]; readonly mcpSecrets: readonly ShownMcpSecret[] };

const listIn = async (place: Parameters<typeof readGroups>[0]): Promise<Result<Listed, Failure>> => {
  const keys = await vendorKeys.read(place.dataDir);
  if (!keys.ok) return fail(explainSecrets(keys.error));
  const secrets = await mcpSecrets.read(place.dataDir);
  if (!secrets.ok) return fail(explainSecrets(secrets.error));
  const groups = await readGroups(place);
  if (!groups.ok) return groups;
  const groupOf = (id: string | null) => groups.value.find((group) => group.id === id) ?? null;
  return ok({
    keys: keys.value.map((key) => shownKey(key, groupOf(key.group))),
    mcpSecrets: secrets.value.map(({ name, group }) => ({
      name,
      group,
      groupName: groupOf(group)?.name ?? null,
    })),
  });
};

const keyLine = ({ provider, source, program, ...whose }: ShownKey): string =>
  row(provider, whose, source === "command" ? `by the command ${program ?? ""}` : sourceText[source]);

const mcpLine = ({ name, ...whose }: ShownMcpSecret): string => row(name, whose, "stored, for MCP servers");

const row = (name: string, { group, groupName }: Pick<ShownKey, "group" | "groupName">, from: string) =>
  `${name.padEnd(10)} ${(group === null ? "all groups" : (groupName ?? group)).padEnd(20)} ${from}`;

const sourceText = { stored: "stored", subscription: "stored: the token of a subscription" } as const;
