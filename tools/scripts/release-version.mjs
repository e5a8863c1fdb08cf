// node tools/scripts/release-version.mjs, in the root of a checkout: turns the changesets into versions and changelogs.
// With --npm, once, before the first release is published: writes `npm install NAME` into the READMEs, in place of the tarballs of
// a clone.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const bin = (name) => join("node_modules/.bin", name);
const folders = ["packages", "apps"]
  .flatMap((group) => readdirSync(group).map((name) => join(group, name)))
  .filter((folder) => manifestOf(folder).private !== true);

if (process.argv.includes("--npm")) {
  const tarballs = /^It is not on npm yet\..*\n\n(```sh\n)npm install CLONE\/.*$/mu;
  rewriteReadmes((text, { name }) => text.replace(tarballs, `$1npm install ${name}`));
} else {
  execFileSync(bin("changeset"), ["version"], { stdio: "inherit" });
  rewriteReadmes((text, { version }) =>
    text.replaceAll(/(CLONE\/tarballs\/[\w-]+?)-\d[^ ]*?\.tgz/gu, `$1-${version}.tgz`),
  );
  const written = folders.flatMap((folder) => [join(folder, "package.json"), join(folder, "CHANGELOG.md")]);
  execFileSync(bin("oxfmt"), written.filter(existsSync), { stdio: "inherit" });
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function rewriteReadmes(rewrite) {
  for (const folder of folders) {
    const file = join(folder, "README.md");
    const text = readFileSync(file, "utf8");
    const rewritten = rewrite(text, manifestOf(folder));
    if (rewritten !== text) writeFileSync(file, rewritten);
  }
}
