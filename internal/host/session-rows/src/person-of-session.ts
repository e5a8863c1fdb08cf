import { fail, ok, type Result } from "@gatehouse/std";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { peopleOfSession } from "./people-of-session.ts";

/** The person whose account a session's container runs as. */
export type SessionPerson = { readonly userId: string; readonly account: string };

/**
 * The person whose account (`os_user`) a session's container runs as: the person of the direct chat that the
 * session serves. Null, which means the host's own account, for a person without an account and for a session
 * of several people. The error is a sentence: the chat belongs to people with different accounts.
 */
export const personOfSession = async (
  db: Kysely<CentralTables>,
  sessionId: string,
): Promise<Result<SessionPerson | null, string>> => {
  const rows = await peopleOfSession(db, sessionId);
  const accounts = new Set(rows.map(({ entry }) => accountIn(entry)));
  const [account = null] = accounts;
  const [first] = rows;
  if (accounts.size < 2)
    return ok(account === null || first === undefined ? null : { userId: first.user_id, account });
  const ids = rows.map(({ user_id: id }) => id).join(" and ");
  return fail(`the chat is of ${ids}, who have different accounts in users.yaml.`);
};

const accountIn = (entry: string): string | null => {
  const { os_user: account = null } = JSON.parse(entry) as { readonly os_user?: string | null };
  return account;
};
