import { setTimeout as pause } from "node:timers/promises";
import { describeUnknown, type CheckModel } from "@gatehouse/agent-clis";
import { runnableProvider } from "@gatehouse/provider-facts/agents";
import type { CentralTables } from "@gatehouse/central-database";
import { resolveProvider } from "@nc/container-config";
import type { UsersDiff } from "@nc/user-wizard";
import type { Kysely } from "kysely";
import { userIdOf, type Person } from "./user-map.ts";

/** The CLIs' judgement of a person's model. */
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

/** The longest time that CLIs are asked, ms: the report waits, and so does the next reload. */
const longestMs = 5_000;

type Asked = { readonly db: Kysely<CentralTables>; readonly checkModel: CheckModel };

/**
 * Sentences about the people of a reload whose new model no CLI knows. It ends at the first CLI that gives no answer, and
 * after five seconds with what is known by then.
 */
export const modelWarnings = async (diff: UsersDiff<Person>, asked: Asked): Promise<readonly string[]> => {
  const warnings: string[] = [];
  const over = new AbortController();
  const isLate = pause(longestMs, undefined, { ref: false, signal: over.signal }).catch(() => undefined);
  await Promise.race([warn(diff, { ...asked, over: over.signal }, warnings), isLate]);
  over.abort();
  return [...warnings];
};

const warn = async (
  { added, changed }: UsersDiff<Person>,
  { db, checkModel, over }: Asked & { readonly over: AbortSignal },
  warnings: string[],
): Promise<void> => {
  const changedModel = changed.filter(({ fields }) =>
    fields.some(({ field }) => field === "model" || field === "agent_backend"),
  );
  const people = byModel([...added, ...changedModel.map(({ user }) => user)]);
  let groups: Promise<readonly string[]> | undefined;
  for (const { model, backend, users } of people) {
    if (over.aborted) break;
    const providers = backend === null ? await (groups ??= providersOfGroups(db)) : [backend];
    const said = await askForPerson(model, providers, checkModel);
    if (said.state === "unasked") break;
    if (said.state === "unknown") warnings.push(...users.map((user) => `${userIdOf(user)}: ${said.message}`));
  }
};

type SameModel = { readonly model: string; readonly backend: string | null; readonly users: Person[] };

/** The people who have a model. Those of one model and backend are together, so that each is asked about once. */
const byModel = (users: readonly Person[]): readonly SameModel[] => {
  const all = new Map<string, SameModel>();
  for (const user of users) {
    const { model, agent_backend: backend } = user;
    if (model === null) continue;
    const key = JSON.stringify([model, backend]);
    const same = all.get(key) ?? { model, backend, users: [] };
    same.users.push(user);
    all.set(key, same);
  }
  return [...all.values()];
};
