import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

/** A consumer that checks all of its libraries' declarations. */
const compilerOptions = {
  ...{ target: "es2022", lib: ["es2023"], types: ["node"], noEmit: true },
  ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
};

/** How a consumer finds modules: as Node does, or as bundlers do. */
const resolutions = [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];

/** What a library that is installed alone must do: every entry loads, and its types are whole. */
export function tryLibrary(project, manifest, node) {
  const entries = Object.keys(manifest.exports).filter((key) => !key.endsWith(".json"));
  importEntries(project, manifest.name, entries, node);
  checkTypes(project, manifest.name, entries, node);
  if (manifest.name === "@trust/dialog-engine") openTerminal(project, node);
  return `${entries.length} entries`;
}

function importEntries(project, name, entries, node) {
  for (const entry of entries) {
    const code = `await import(${JSON.stringify(join(name, entry))})`;
    run(node.program, ["--input-type=module", "-e", code], { cwd: project });
  }
}

/**
 * All types of every entry: a missing declaration is an error in the consumer, one that is wrong an error in
 * the library.
 */
function checkTypes(project, name, entries, node) {
  const lines = entries.map(
    (entry, at) =>
      `import * as entry${at} from ${JSON.stringify(join(name, entry))};\nexport type Entry${at} = typeof entry${at};`,
  );
  writeFileSync(join(project, "consumer.ts"), `${lines.join("\n")}\n`);
  for (const resolution of resolutions) {
    const settings = { compilerOptions: { ...compilerOptions, ...resolution }, files: ["consumer.ts"] };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(settings));
    for (const tsc of node.compilers) run(node.program, [tsc, "-p", project], { cwd: project });
  }
}

/** Native code is where a package that works in its repository fails elsewhere. */
function openTerminal(project, node) {
  const code = `const { openPty } = await import("@trust/dialog-engine/node");
    const opened = await openPty({ file: "/bin/sh", args: ["-c", "exit 0"], cwd: "/", env: process.env });
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.onExit(({ exitCode }) => process.exit(exitCode));`;
  run(node.program, ["--input-type=module", "-e", code], { cwd: project });
}
