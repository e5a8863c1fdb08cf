import { describeUnknown, type CheckModel } from "@gatehouse/agent-clis";
import { runnableProvider } from "@gatehouse/agent-clis/providers";
import type { CentralTables } from "@gatehouse/central-database";
import type { User } from "@nc/user-wizard";
import { resolveProvider } from "@nc/container-config";
import type { Kysely } from "kysely";

/** What CLIs say about the model of a person. */
export type ModelSaid =
  | { readonly state: "known" }
  /** `message`: sentences with the known names. */
  | { readonly state: "unknown"; readonly message: string }
  /** `why`: a clause, as `Codex is not on the PATH of this host`. */
  | { readonly state: "unasked"; readonly why: string };

/** The providers of all groups whose agents use a model; `claude` if there is no group. */
export const providersOfGroups = async (
  db: Pick<Kysely<CentralTables>, "selectFrom">,
): Promise<readonly string[]> => {
  const rows = await db.selectFrom("container_configs").select("provider").distinct().execute();
  const named = rows.map((row) => resolveProvider({ agent_provider: null }, row));
  const using = named.filter((name) => runnableProvider(name)?.applies.includes("model"));
  return using.length === 0 ? ["claude"] : [...new Set(using)].toSorted();
};

/** The provider that a person's model is for, alone; without a backend, the providers of the groups. */
export const providersFor = async (
  { agent_backend: backend }: Pick<User, "agent_backend">,
  ofGroups: () => Promise<readonly string[]>,
): Promise<readonly string[]> => (backend === null ? ofGroups() : [backend]);

/** Asks the CLI of each provider, until one knows the model. A CLI without an answer may know it. */
export const askForPerson = async (
  model: string,
  providers: readonly string[],
  checkModel: CheckModel,
): Promise<ModelSaid> => {
  const messages: string[] = [];
  let why: string | null = null;
  for (const provider of providers) {
    const { unknown, unasked } = await checkModel(provider, { model, effort: null });
    const [wrong] = unknown;
    if (wrong !== undefined) messages.push(describeUnknown(wrong, provider));
    else if (unasked === null) return { state: "known" };
    why ??= unasked;
  }
  return why === null ? { state: "unknown", message: messages.join(" ") } : { state: "unasked", why };
};
