// node tools/scripts/release-check.mjs TAG: is this checkout what the tag says? Run by the release workflow.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What keeps a checkout from being released under a tag, a sentence each. */
export function releaseProblems({ tag, root, repository }) {
  const owner = readManifest(root);
  const address = owner.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
  const wrong = publishedIn(root)
    .filter(({ version }) => `v${version}` !== tag)
    .map(({ name, version }) => `${name} is ${version}, and the tag is ${tag}.`);
  const waiting = readdirSync(join(root, ".changeset"))
    .filter((file) => file.endsWith(".md") && file !== "README.md")
    .map((file) => `.changeset/${file} is in no changelog yet: run "npx changeset version".`);
  // npm refuses the proof of a package that names another repository than the one it was built in.
  const elsewhere =
    repository === undefined || address === `https://github.com/${repository}`
      ? []
      : [
          `package.json names ${address}, and this is ${repository}: set it there, and "npm test" says where else.`,
        ];
  return [...wrong, ...waiting, ...elsewhere];
}

const publishedIn = (root) =>
  ["packages", "apps"]
    .flatMap((group) => readdirSync(join(root, group)).map((name) => readManifest(join(root, group, name))))
    .filter((manifest) => manifest.private !== true);

const readManifest = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
  const [tag = ""] = process.argv.slice(2);
  const problems = releaseProblems({ tag, root, repository: process.env.GITHUB_REPOSITORY });
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`ok: ${tag}`);
}
