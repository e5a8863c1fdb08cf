import { secretsOf } from "@nc/container-config";
import type { Secrets } from "@gatehouse/session-rows/messages";
import type { Workload } from "@gatehouse/session-rows";
import { configOf } from "./instruct.ts";
import type { WorkloadDeps } from "./workload-deps.ts";

/**
 * Returns the values of the secrets that the current configuration of an agent's group names. Returns no others, because
 * the agent's account can ask for secrets with the agent's token. Logs and omits names without a value.
 */
export const secretsOfAgent = async (
  context: Pick<WorkloadDeps, "central" | "now" | "log" | "readSecrets">,
  { sessionId: session }: Pick<Workload, "sessionId">,
): Promise<Secrets> => {
  const { central, log, readSecrets } = context;
  const row = await central.loop
    .selectFrom("sessions")
    .select("agent_group_id")
    .where("id", "=", session)
    .executeTakeFirst();
  if (row === undefined || readSecrets === undefined) return {};
  const { agent_group_id: group } = row;
  const config = await configOf(context, group);
  const names = config.ok ? secretsOf(config.value.mcp_servers) : [];
  if (names.length === 0) return {};
  const read = await readSecrets(group, names);
  if (!read.ok) log("secrets-not-read", { session, group, reason: read.error });
  const secrets = read.ok ? read.value : {};
  for (const secret of names)
    if (!Object.hasOwn(secrets, secret)) log("secret-missing", { session, group, secret });
  return secrets;
};
