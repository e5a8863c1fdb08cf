// npm run check [-- --changed [REVISION]]: while you work: types, lint, format, unused code, the tests without real programs. It
// ends at the first that fails.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { changedFiles, reached } from "./changed.mjs";
import { root } from "./setup.mjs";

const help = `npm run check [-- --changed [REVISION]]

--changed   lint and format of the files that differ since REVISION (main), the tests of packages that they reach; not
            cycles, unused code, the types of cores and settings

Examples:
  npm run check
  npm run check -- --changed
  npm run check -- --changed HEAD
`;

const bin = (name, ...args) => [join(root, "node_modules/.bin", name), ...args];
const script = (name) => ["npm", "run", "--silent", name];
const tests = (...folders) => bin("vitest", "run", "--tags-filter=!slow && !rest && !soak", ...folders);

const revision = argumentsOrExit();
for (const [program, ...args] of revision === null ? whole() : changed(revision)) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (status === 0) continue;
  process.exitCode = status ?? 1;
  break;
}

function whole() {
  return [script("typecheck"), script("lint"), script("format:check"), tests(), bin("knip")];
}

function changed(since) {
  const files = changedFiles(since).filter((file) => existsSync(join(root, file)));
  const folders = reached(since);
  console.log(`changed: ${files.length} files; tests of ${folders?.join(" ") ?? "all packages"}`);
  if (files.length === 0) return [];
  // Most files of a change may be of kinds that a tool passes over.
  const of = (...command) => bin(...command, "--no-error-on-unmatched-pattern", ...files);
  return [
    bin("tsc", "-p", "tsconfig.json", "--singleThreaded"),
    of("oxlint", "-c", "oxlint.config.mjs"),
    of("oxfmt", "--check"),
    tests(...(folders ?? [])),
  ];
}

/** The revision of `--changed`; null without it. */
function argumentsOrExit() {
  try {
    const options = { changed: { type: "boolean" }, help: { type: "boolean", short: "h" } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (values.help) {
      process.stdout.write(help);
      process.exit(0);
    }
    const [since = "main", ...more] = positionals;
    if (more.length > 0 || (positionals.length > 0 && !values.changed))
      throw new Error(`unexpected argument: ${positionals.at(-1)}`);
    return values.changed ? since : null;
  } catch (error) {
    process.stderr.write(`error: ${error.message}\n\n${help}`);
    process.exit(2);
  }
}
