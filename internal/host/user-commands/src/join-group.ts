import { join } from "node:path";
import { shellCommand } from "@nc/user-wizard";
import { exchange } from "@nc/cli-scope/node";
import type { Failure } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";

/** A person of a data folder, and the group to join. */
export type Joining = { readonly data: string; readonly userId: string; readonly group: string };

/** The command that makes the person a member. */
export const joinCommand = ({ data, userId, group }: Joining): string =>
  shellCommand(["ncl", "members", "add", "--user", userId, "--group", group, "--data", data]);

/** Maximum time for the host's answer, s. */
const timeoutSeconds = 30;

/** Makes a person a member of a group through the running host. Error: `not-joined`, with the command as the fix. */
export const joinGroup = async (joining: Joining): Promise<Result<null, Failure>> => {
  const { data, userId, group } = joining;
  const args = { user: userId, group };
  const request = { id: "1", command: "members-add", args };
  const answer = await exchange({ path: join(data, "ncl.sock"), request, seconds: timeoutSeconds });
  if (answer.ok && answer.value.ok) return { ok: true, value: null };
  const why = answer.ok && !answer.value.ok ? answer.value.error.message : "no host answered.";
  const message = `${userId} is not a member of ${group}: ${why}`;
  return { ok: false, error: { code: "not-joined", message, fix: joinCommand(joining) } };
};
