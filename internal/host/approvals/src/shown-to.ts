import type { Kysely } from "kysely";
import type { Actor, CommandError } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import { type Shown, refused } from "@gatehouse/command-context";
import type { Result } from "@gatehouse/std";

/** The approvals that an actor may see. A person who left users.yaml sees none. */
export const shownTo = async (db: Kysely<CentralTables>, actor: Actor): Promise<Shown> => {
  if (actor.type === "host") return "all";
  if (actor.type === "agent") return [actor.groupId];
  const roles = await db
    .selectFrom("user_roles")
    .select(["role", "agent_group_id"])
    .where("user_id", "=", actor.userId)
    .where("user_id", "not in", (eb) => eb.selectFrom("refused_people").select("user_id"))
    .execute();
  if (roles.some(({ agent_group_id }) => agent_group_id === null)) return "all";
  // An owner row that names a group gives no rights.
  return roles.flatMap(({ role, agent_group_id }) => (role === "admin" ? (agent_group_id ?? []) : []));
};

/** The refusal for callers who may see no approval. */
export const notAnApprover: Result<never, CommandError> = refused(
  "permission-denied",
  "Approvals are shown to owners and admins.",
);

/** One approval. A missing one and a hidden one give the same answer. */
export const ifShown = <Approval extends { readonly agent_group_id?: unknown }>(
  shown: Shown,
  id: string,
  found: Approval | null | undefined,
): Result<Approval, CommandError> => {
  if (shown.length === 0) return notAnApprover;
  const isThere = found !== null && found !== undefined;
  if (isThere && (shown === "all" || shown.some((group) => group === found.agent_group_id)))
    return { ok: true, value: found };
  return refused("not-found", `There is no approval "${id}": ncl approvals list`);
};
