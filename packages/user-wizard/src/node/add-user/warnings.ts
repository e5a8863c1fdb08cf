import type { Warning } from "../../plan/add-error.ts";
import type { Facts, Plan } from "../../plan/plan.ts";
import type { Machine } from "../../ports.ts";

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
