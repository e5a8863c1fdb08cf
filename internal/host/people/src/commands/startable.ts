import { explain, userIdsOf, type Account, type User, type UserCheck } from "@nc/user-wizard";
import type { Prepared } from "@nc/user-wizard/node";
import type { Failure } from "@gatehouse/cli-kit";
import { withOwnersRights } from "@gatehouse/data-folder";
import { factsOf } from "@gatehouse/places/facts";
import { readKeptRuntime } from "@gatehouse/places/runtime-in-use";
import { accountProblem } from "../account-problem.ts";

/** The runtime with which the host of a data folder ran last; null if none did, or if that cannot be read. */
export const runtimeOf = async (data: string): Promise<string | null> => {
  const kept = await withOwnersRights(data, () => readKeptRuntime(data));
  return kept.ok ? (kept.value?.name ?? null) : null;
};

/** The problems of a home. An agent keeps its files there only if it runs as a process of the account. */
const ofHomes: readonly string[] = [
  "home-missing",
  "home-read-only",
  "closed-directory",
  "symlink-refused",
  "not-a-directory",
  "not-theirs",
] satisfies readonly Prepared["warnings"][number]["code"][];

/** Why this host could not start an agent as the account of a person who is to be added; null if nothing is known against it. */
export const startProblem = (
  runtime: string | null,
  service: Account,
  { plan: { user }, warnings }: Prepared,
): Failure | null => {
  if (runtime === null || user.os_user === null) return null;
  const asAccount = accountProblem(runtime, service.uid);
  if (asAccount !== null)
    return {
      code: "accounts-need-root",
      message: `Nobody was added: ${asAccount}`,
      fix: createInstead(user),
    };
  const home = usesHomes(runtime) ? warnings.find(({ code }) => ofHomes.includes(code)) : undefined;
  return home === undefined ? null : { code: home.code, message: `Nobody was added: ${explain(home)}` };
};

const usesHomes = (runtime: string): boolean => factsOf(runtime)?.accounts === "home";

const createInstead = (user: User): string =>
  userIdsOf(user)
    .map((id) => `ncl users create --id ${id}, then ncl members add --user ${id} --group GROUP`)
    .join("; ");

/** The checks that matter with this runtime: a home is not used in sandboxes, containers and Pods. */
export const withoutUnused = (checks: readonly UserCheck[], runtime: string | null): readonly UserCheck[] =>
  runtime === null || usesHomes(runtime) ? checks : checks.filter(({ check }) => check !== "home");
