import { join } from "node:path";
import { shellCommand } from "@nc/user-wizard";
import { exchange } from "@nc/cli-scope/node";
import type { Failure } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";

/** A person of a data folder, and the group that they are to be a member of. */
export type Joining = { readonly data: string; readonly userId: string; readonly group: string };

/** The command that makes them a member. */
export const joinCommand = ({ data, userId, group }: Joining): string =>
  shellCommand(["ncl", "members", "add", "--user", userId, "--group", group, "--data", data]);

/** How long the host may take, s. */
const patience = 30;

/** Makes a person a member of a group, at the host that runs. */
export const joinGroup = async (joining: Joining): Promise<Result<null, Failure>> => {
  const { data, userId, group } = joining;
  const args = { user: userId, group };
  const request = { id: "1", command: "members-add", args };
  const answer = await exchange({ path: join(data, "ncl.sock"), request, seconds: patience });
  if (answer.ok && answer.value.ok) return { ok: true, value: null };
  const why = answer.ok && !answer.value.ok ? answer.value.error.message : "no host answered.";
  const message = `${userId} is not a member of ${group}: ${why}`;
  return { ok: false, error: { code: "not-joined", message, fix: joinCommand(joining) } };
};
