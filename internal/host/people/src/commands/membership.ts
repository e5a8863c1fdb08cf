import { join } from "node:path";
import { exchange } from "@nc/cli-scope/node";
import { shellCommand, userIdsOf, type User } from "@nc/user-wizard";
import type { Failure } from "@gatehouse/cli-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import { withOwnersRights } from "@gatehouse/data-folder";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";

/**
 * The group membership of a person after `users add`. `joined`: made a member now; `tryIt` is a command for a first
 * message. `none`: the person may write to no group; `join` is the command to change that. `there`: the person may
 * write to a group already.
 */
export type Membership =
  | { readonly state: "joined"; readonly group: string; readonly tryIt: string }
  | { readonly state: "not-joined"; readonly failure: Failure }
  | { readonly state: "none"; readonly join: string }
  | { readonly state: "there" };

/** Makes a person a member of `group`. Without a group it checks whether the person may write to any group. */
export const membershipOf = async (
  place: CentralPlace,
  user: User,
  group: string | undefined,
): Promise<Membership> => {
  const userIds = userIdsOf(user);
  const [first = ""] = userIds;
  const data = place.dataDir;
  if (group !== undefined) {
    for (const userId of userIds) {
      const joined = await joinGroup({ data, userId, group });
      if (!joined.ok) return { state: "not-joined", failure: joined.error };
    }
    const tryIt = shellCommand(["gatehouse", "chat", "--as", first, "--group", group, "--data", data]);
    return { state: "joined", group, tryIt };
  }
  if (user.role === "admin") return { state: "there" };
  for (const userId of userIds)
    if ((await mayWriteSomewhere(place, userId)) !== true)
      return { state: "none", join: joinCommand({ data, userId, group: "GROUP" }) };
  return { state: "there" };
};

/**
 * True if a person may write to an agent group, as a member or by a role. Null if the database cannot be read, or
 * does not exist yet.
 */
const mayWriteSomewhere = async (place: CentralPlace, userId: string): Promise<boolean | null> => {
  const read = await withOwnersRights(place.dataDir, () =>
    readCentral(place, async (db) => {
      const member = await db
        .selectFrom("agent_group_members")
        .select("user_id")
        .where("user_id", "=", userId)
        .limit(1)
        .execute();
      const role = await db
        .selectFrom("user_roles")
        .select("user_id")
        .where("user_id", "=", userId)
        .limit(1)
        .execute();
      return member.length + role.length > 0;
    }),
  );
  return read.ok ? read.value : null;
};

/** A person of a data folder, and the group to join. */
type Joining = { readonly data: string; readonly userId: string; readonly group: string };

/** The command that makes the person a member. */
const joinCommand = ({ data, userId, group }: Joining): string =>
  shellCommand(["ncl", "members", "add", "--user", userId, "--group", group, "--data", data]);

/** Maximum time for the host's answer, s. */
const timeoutSeconds = 30;

/** Makes a person a member of a group through the running host. Error: `not-joined`, with the command as the fix. */
const joinGroup = async (joining: Joining): Promise<Result<null, Failure>> => {
  const { data, userId, group } = joining;
  const args = { user: userId, group };
  const request = { id: "1", command: "members-add", args };
  const answer = await exchange({ path: join(data, "ncl.sock"), request, seconds: timeoutSeconds });
  if (answer.ok && answer.value.ok) return ok(null);
  const why = answer.ok && !answer.value.ok ? answer.value.error.message : "no host answered.";
  const message = `${userId} is not a member of ${group}: ${why}`;
  return fail({ code: "not-joined", message, fix: joinCommand(joining) });
};
