// Which packages does a change reach? By git and by the dependencies in package.json.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const git = (...args) =>
  execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);

/** The files that differ from where this branch left a revision, and the new ones. */
export const changedFiles = (revision) => [
  ...git("diff", "--name-only", "--merge-base", revision),
  ...git("ls-files", "--others", "--exclude-standard"),
];

/** The packages: folder, name, dependencies in this repository, and the programs of ours that their tests start. */
function members() {
  const groups = ["packages", "internal/foundation", "internal/trust", "internal/host", "apps", "tools"];
  return groups
    .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => {
      const { name, dependencies, devDependencies, optionalDependencies } = JSON.parse(
        readFileSync(join(root, folder, "package.json"), "utf8"),
      );
      const needs = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
      return { folder, name, needs, starts: programsOf(folder) };
    });
}

/** Matches `{ gatehouse, ncl } = inject("programs")`, `inject("programs").ncl` and `inject("programs")["agent-runner"]`. */
const injected = /(?:\{([^}]*)\} = )?inject\("programs"\)(?:\["([\w-]+)"\]|\.(\w+))?/g;

function programsOf(folder) {
  const files = readdirSync(join(root, folder, "src"), { encoding: "utf8", recursive: true });
  const texts = files
    .filter((file) => /\.(test|fixture)\.ts$/.test(file))
    .map((file) => readFileSync(join(root, folder, "src", file), "utf8"));
  const named = texts.flatMap((text) =>
    [...text.matchAll(injected)].flatMap(([, list = "", ...one]) => [...list.split(","), ...one]),
  );
  return new Set(named.map((name) => name?.replace(/:.*/, "").replaceAll(/["\s]/g, "")).filter(Boolean));
}

/** The app of each program that tests start by name. */
const appOf = (program) => `apps/${program === "gatehouse" ? "host" : program}`;

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
  const folders = new Set(all.filter(({ name }) => found.has(name)).map(({ folder }) => folder));
  // Whoever only starts a program in tests passes the change on to nobody.
  for (const { folder, starts } of all)
    if ([...starts].some((program) => folders.has(appOf(program)))) folders.add(folder);
  return files.length === 0 ? [] : [...[...folders].map((folder) => `${folder}/`), "tools/repo-tests/"];
}
