import type { Facts, Plan } from "../plan.ts";
import type { Machine } from "../ports.ts";

/** Nothing that keeps a person from being added, and something that keeps their first message from working. */
export type Warning =
  | { readonly code: "home-missing"; readonly account: string; readonly home: string }
  | { readonly code: "never-signed-in"; readonly account: string; readonly file: string }
  | { readonly code: "no-admin" };

export const warningsFor = async (
  { files }: Machine,
  { account, usersFile }: Facts,
  { user }: Plan,
): Promise<readonly Warning[]> => {
  const warnings: Warning[] = [];
  const everybody = [...usersFile.set.users, user];
  if (!everybody.some(({ role }) => role === "admin")) warnings.push({ code: "no-admin" });
  if (account === null) return warnings;
  const { name, home } = account;
  const at = async (path: string) => {
    const looked = await files.look(path);
    return looked.ok ? looked.value : null;
  };
  const file = `${home}/.claude.json`;
  if ((await at(home))?.kind !== "directory") warnings.push({ code: "home-missing", account: name, home });
  else if ((await at(file)) === null) warnings.push({ code: "never-signed-in", account: name, file });
  return warnings;
};
