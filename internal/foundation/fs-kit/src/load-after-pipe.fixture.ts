// Makes a stat of the pipe in its first argument, then loads the lock library.
import { lstatSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { loadNative } from "./file-lock.ts";

// Any file near the library: the defect needs Node to have cached the folders above it.
createRequire(import.meta.url)("../package.json");
lstatSync(String(process.argv[2]));
const native = loadNative();
process.stdout.write(native.ok ? "loaded" : JSON.stringify(native.error));
