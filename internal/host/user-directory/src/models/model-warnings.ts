import { setTimeout as pause } from "node:timers/promises";
import type { CheckModel } from "@gatehouse/agent-clis";
import type { CentralTables } from "@gatehouse/central-database";
import type { User, UsersDiff } from "@nc/user-wizard";
import type { Kysely } from "kysely";
import { userIdOf } from "../user-id.ts";
import { askForPerson, providersFor, providersOfGroups } from "./persons-model.ts";

/** The longest time that CLIs are asked, ms: the report waits, and so does the next reload. */
const longestMs = 5_000;

type Asked = { readonly db: Kysely<CentralTables>; readonly checkModel: CheckModel };

/**
 * Sentences about the people of a reload whose new model no CLI knows. It ends at the first CLI that gives no answer, and
 * after five seconds with what is known by then.
 */
export const modelWarnings = async (diff: UsersDiff, asked: Asked): Promise<readonly string[]> => {
  const warnings: string[] = [];
  const over = new AbortController();
  const isLate = pause(longestMs, undefined, { ref: false, signal: over.signal }).catch(() => undefined);
  await Promise.race([warn(diff, { ...asked, over: over.signal }, warnings), isLate]);
  over.abort();
  return [...warnings];
};

const warn = async (
  { added, changed }: UsersDiff,
  { db, checkModel, over }: Asked & { readonly over: AbortSignal },
  warnings: string[],
): Promise<void> => {
  const changedModel = changed.filter(({ fields }) =>
    fields.some(({ field }) => field === "model" || field === "agent_backend"),
  );
  const people = peopleByModel([...added, ...changedModel.map(({ user }) => user)]);
  let groups: Promise<readonly string[]> | undefined;
  for (const [{ user, model }, ...others] of people) {
    if (over.aborted) break;
    const providers = await providersFor(user, () => (groups ??= providersOfGroups(db)));
    const said = await askForPerson(model, providers, checkModel);
    if (said.state === "unasked") break;
    if (said.state === "unknown")
      for (const who of [user, ...others.map((other) => other.user)])
        warnings.push(`${userIdOf(who)}: ${said.message}`);
  }
};

type WithModel = { readonly user: User; readonly model: string };

/** The people with a model: those of the same model and backend together. */
const peopleByModel = (users: readonly User[]): readonly (readonly [WithModel, ...WithModel[]])[] => {
  const all = new Map<string, [WithModel, ...WithModel[]]>();
  for (const user of users) {
    const { model, agent_backend: backend } = user;
    if (model === null) continue;
    const there = all.get(JSON.stringify([model, backend]));
    if (there === undefined) all.set(JSON.stringify([model, backend]), [{ user, model }]);
    else there.push({ user, model });
  }
  return [...all.values()];
};
