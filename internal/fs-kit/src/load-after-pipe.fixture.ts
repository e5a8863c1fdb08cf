// Looks at the pipe of its first argument, then loads the library of locks.
import { lstatSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { loadNative } from "./file-lock.ts";

// Any file beside the library: Node remembers the folders above it, which the defect needs.
createRequire(import.meta.url)("../package.json");
lstatSync(String(process.argv[2]));
const native = loadNative();
process.stdout.write(native.ok ? "loaded" : JSON.stringify(native.error));
