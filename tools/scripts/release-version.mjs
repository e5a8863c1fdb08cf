// node tools/scripts/release-version.mjs, in the root of a checkout: turns the changesets into versions and changelogs, and the
// install lines of READMEs, which name a clone's tarballs before the first release, into those of npm.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const bin = (name) => join("node_modules/.bin", name);
execFileSync(bin("changeset"), ["version"], { stdio: "inherit" });

const folders = ["packages", "apps"].flatMap((group) => readdirSync(group).map((name) => join(group, name)));
const written = [];
for (const folder of folders) {
  const { name, private: isPrivate } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (isPrivate === true) continue;
  written.push(join(folder, "package.json"), join(folder, "CHANGELOG.md"));
  const file = join(folder, "README.md");
  const text = readFileSync(file, "utf8");
  const line = /^It is not on npm yet\..*\n\n(```sh\n)npm install CLONE\/.*$/mu;
  if (line.test(text)) writeFileSync(file, text.replace(line, `$1npm install ${name}`));
}
execFileSync(bin("oxfmt"), written.filter(existsSync), { stdio: "inherit" });
