// Which packages does a change reach? By git and by the dependencies in package.json.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const git = (...args) =>
  execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);

/** The files that differ from where this branch left a revision, and the new ones. */
const changedFiles = (revision) => [
  ...git("diff", "--name-only", "--merge-base", revision),
  ...git("ls-files", "--others", "--exclude-standard"),
];

/** The packages, as folder, name and dependencies in this repository. Tests that start our programs depend on all apps. */
function members() {
  const groups = ["packages", "internal/foundation", "internal/trust", "internal/host", "apps", "tools"];
  const folders = groups
    .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, "package.json")));
  const manifests = folders.map((folder) => ({
    folder,
    manifest: JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")),
  }));
  const apps = manifests
    .filter(({ folder }) => folder.startsWith("apps/"))
    .map(({ manifest }) => manifest.name);
  return manifests.map(({ folder, manifest }) => ({
    folder,
    name: manifest.name,
    needs: [
      ...Object.keys({
        ...manifest.dependencies,
        ...manifest.devDependencies,
        ...manifest.optionalDependencies,
      }),
      ...(startsPrograms(folder) ? apps : []),
    ],
  }));
}

const startsPrograms = (folder) =>
  readdirSync(join(root, folder, "src"), { encoding: "utf8", recursive: true }).some(
    (file) =>
      /\.(test|fixture)\.ts$/.test(file) &&
      readFileSync(join(root, folder, "src", file), "utf8").includes('inject("programs")'),
  );

/**
 * The folders of the packages that changes since a revision reach, themselves included; null if a changed file is no
 * package's, so that all may be reached. Documents reach only the tests of the repository.
 */
export function reached(revision) {
  const all = members();
  const files = changedFiles(revision);
  const ownerOf = (file) => all.find(({ folder }) => file.startsWith(`${folder}/`));
  const others = files.filter((file) => ownerOf(file) === undefined);
  if (others.some((file) => !file.endsWith(".md") && !file.startsWith("tools/repo-tests/"))) return null;
  const found = new Set(files.map((file) => ownerOf(file)?.name).filter(Boolean));
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const { name, needs } of all) if (needs.some((need) => found.has(need))) found.add(name);
  }
  const folders = all.filter(({ name }) => found.has(name)).map(({ folder }) => `${folder}/`);
  return files.length === 0 ? [] : [...folders, "tools/repo-tests/"];
}
