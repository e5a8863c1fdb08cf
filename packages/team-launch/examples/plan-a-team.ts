import { readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { collectWorkspaces, everyMember, explain, readFlags, readTeam, trustScope } from "@trust/team-launch";

const [file = "team.yaml"] = process.argv.slice(2);
const home = homedir();
const read = readTeam(readFileSync(file, "utf8"), { home, base: dirname(resolve(file)) });
if (!read.ok) {
  for (const problem of read.error) console.error(`${file}:${explain(problem).message}`);
  process.exit(1);
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const members = everyMember(read.value).map((member) => ({ ...member, cwd: member.folder }));
const { workspaces, pairs } = collectWorkspaces(members, {
  homes: [home, realpathSync(home)],
  factsOf: (folder) => (isFolder(folder) ? { real: realpathSync(folder), gitRoot: null } : null),
});
for (const { display, uses, notPersistable } of workspaces)
  console.log(display, uses.map(({ memberId }) => memberId).join(" "), notPersistable ?? "");

const { isPrepared } = trustScope("launch", members, readFlags(process.env).flags);
// For the `pairs` of a request to @trust/preflight.
if (isPrepared) console.log(JSON.stringify(pairs));
