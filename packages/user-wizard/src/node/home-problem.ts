import { dirname } from "node:path";
import type { Account } from "../account/account.ts";
import { directoriesTo, firstClosed, mayPass, mayWrite } from "../account/access.ts";
import type { HomeProblem } from "../plan/add-error.ts";
import { notADirectory, notTheirs } from "../plan/plan.ts";
import type { FileError, Machine } from "../ports.ts";
import { agentFiles, ok, type Result } from "@gatehouse/std";
import { entriesAt, statAll } from "./host-facts.ts";

/**
 * The folders below HOME in which a host puts the files of an agent that runs as a process of the account. Their owner has to be
 * the account itself (place-files-as.ts of container-runtime).
 */
const agentFolders = [dirname(agentFiles), agentFiles];

/**
 * Why no agent could keep its files in the home of an account; null if it can. It reads permission bits only, no ACLs. Behind a
 * link on the way, only the home itself is looked at.
 */
export const homeProblem = async (
  machine: Machine,
  account: Account,
  groups: readonly number[],
): Promise<Result<HomeProblem | null, FileError>> => {
  const { name, uid } = account;
  const home = account.home.replace(/(?<=.)\/+$/, "");
  const missing: HomeProblem = { code: "home-missing", account: name, home: account.home };
  if (!home.startsWith("/")) return ok(missing);
  const above = directoriesTo(home);
  const own = agentFolders.map((folder) => `${home}/${folder}`);
  const found = await statAll(machine, [...above, ...own]);
  if (!found.ok) return found;
  const way = entriesAt(found.value, above);
  if (way.some(({ entry }) => entry.kind === "link")) {
    const there = await machine.files.look(home);
    return there.ok ? ok(there.value === null ? missing : null) : there;
  }
  const atHome = found.value.get(home);
  if (atHome === undefined) return ok(missing);
  if (atHome.kind !== "directory") return ok(notADirectory({ path: home, entry: atHome }));
  const closed = firstClosed(
    way.filter(({ path }) => path !== home),
    { uid, groups },
  );
  if (closed !== null) return ok({ code: "closed-directory", path: closed, account: name });
  const there = entriesAt(found.value, own);
  for (const folder of there) {
    if (folder.entry.kind !== "directory") return ok(notADirectory(folder));
    if (folder.entry.uid !== uid) return ok(notTheirs(folder.path, folder.entry, name));
  }
  const isUsable = (there.length > 0 ? mayPass : mayWrite)(atHome, { uid, groups });
  return ok(isUsable ? null : { code: "home-read-only", account: name, home, isOwn: atHome.uid === uid });
};
