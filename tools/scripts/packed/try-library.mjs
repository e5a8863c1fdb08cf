import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

/** The compilers of consumers: TypeScript from the oldest supported version to the newest, with both resolutions. */
export const compilers = ["5.4.5", "5.9.3", "6.0.3", "7.0.2"].flatMap((typescript) => [
  { typescript, module: "esnext", moduleResolution: "bundler" },
  { typescript, module: "nodenext", moduleResolution: "nodenext" },
]);

/** Installs compilers into a folder beside the projects. Returns the rows with the path of their `tsc`. */
export function installCompilers(rows, folder) {
  const home = (version) => join(folder, "compilers", version);
  for (const typescript of new Set(rows.map((row) => row.typescript))) {
    mkdirSync(home(typescript), { recursive: true });
    const manifest = { private: true, dependencies: { typescript } };
    writeFileSync(join(home(typescript), "package.json"), JSON.stringify(manifest));
    run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: home(typescript) });
  }
  return rows.map((row) => ({ ...row, tsc: join(home(row.typescript), "node_modules/typescript/bin/tsc") }));
}

/** The tsconfig of a consumer that checks all declarations of its libraries. */
const consumerSettings = ({ module, moduleResolution }, files) => ({
  compilerOptions: {
    module,
    moduleResolution,
    target: "es2022",
    lib: ["es2023"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  },
  files,
});

/** Checks a library that is installed alone: all entries load, and their types are complete. */
export function tryLibrary(project, { manifest, examples, node, compilers }) {
  const entries = Object.keys(manifest.exports).filter((key) => !key.endsWith(".json"));
  importEntries(project, manifest.name, entries, node);
  checkLines(join(project, "node_modules", manifest.name, "dist"));
  for (const compiler of compilers)
    checkTypes(project, { name: manifest.name, entries, examples }, node, compiler);
  if (manifest.name === "@trust/dialog-engine") openTerminal(project, node);
  return `${entries.length} entries, ${compilers.length === 1 ? "1 compiler" : `${compilers.length} compilers`}`;
}

function importEntries(project, name, entries, node) {
  for (const entry of entries) {
    const code = `await import(${JSON.stringify(join(name, entry))})`;
    run(node.program, ["--input-type=module", "-e", code], { cwd: project });
  }
}

/** Most lines end within 120 characters; a text or a regular expression in one of them goes on. */
const longestLine = 400;

/** An uncaught error prints the whole line in which it was thrown. */
function checkLines(dist) {
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".js"),
  );
  const tooLong = files.filter((file) =>
    readFileSync(join(dist, file), "utf8")
      .split("\n")
      .some((line) => line.length > longestLine),
  );
  if (tooLong.length > 0)
    throw new Error(`these files have lines of more than ${longestLine} characters: ${tooLong.join(", ")}`);
}

/**
 * Compiles a consumer of all types of each entry, and the README's examples. A missing declaration is an error in the
 * consumer, a wrong one an error in the library.
 */
function checkTypes(project, { name, entries, examples }, node, compiler) {
  const lines = entries.map(
    (entry, at) =>
      `import * as entry${at} from ${JSON.stringify(join(name, entry))};\nexport type Entry${at} = typeof entry${at};`,
  );
  writeFileSync(join(project, "consumer.ts"), `${lines.join("\n")}\n`);
  const shown = readdirSync(examples).filter((file) => file.endsWith(".ts"));
  for (const file of shown) copyFileSync(join(examples, file), join(project, file));
  const settings = consumerSettings(compiler, ["consumer.ts", ...shown]);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(settings));
  run(node.program, [compiler.tsc, "-p", project], { cwd: project });
}

/** Opens a PTY: native code may fail in an installed package although it works in the repository. */
function openTerminal(project, node) {
  const code = `const { openPty } = await import("@trust/dialog-engine/node");
    const opened = await openPty({ file: "/bin/sh", args: ["-c", "exit 0"], cwd: "/", env: process.env });
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.onExit(({ exitCode }) => process.exit(exitCode));`;
  run(node.program, ["--input-type=module", "-e", code], { cwd: project });
}
