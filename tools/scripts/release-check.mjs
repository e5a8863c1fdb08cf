// node tools/scripts/release-check.mjs TAG, in the root of a checkout: checks the checkout against the tag, and prints
// a sentence for each problem that blocks a release.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [tag = ""] = process.argv.slice(2);
const repository = process.env.GITHUB_REPOSITORY;
const owner = readManifest(".");
const address = owner.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

const folders = ["packages", "apps"].flatMap((group) => readdirSync(group).map((name) => join(group, name)));
const otherVersions = folders
  .map(readManifest)
  .filter((manifest) => manifest.private !== true && `v${manifest.version}` !== tag)
  .map(({ name, version }) => `${name} is ${version}, and the tag is ${tag}.`);
const waiting = readdirSync(".changeset")
  .filter((file) => file.endsWith(".md") && file !== "README.md")
  .map((file) => `.changeset/${file} is in no changelog yet: run "npm run release:version".`);
// npm refuses the provenance of a package that names another repository than the one in which it was built.
const otherRepository =
  repository === undefined || address === `https://github.com/${repository}`
    ? []
    : [`package.json names ${address}, and this is ${repository}: docs/releasing.md says what to set.`];

// The README goes into the tarball.
const notYet = folders
  .map((folder) => join(folder, "README.md"))
  .filter((file) => existsSync(file) && /^It is not on npm yet\./mu.test(readFileSync(file, "utf8")))
  .map((file) => `${file} says that the package is not on npm yet: run "npm run release:version -- --npm".`);

const problems = [...otherVersions, ...waiting, ...otherRepository, ...notYet];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`ok: ${tag}`);

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
