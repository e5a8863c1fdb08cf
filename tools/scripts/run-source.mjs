// node tools/scripts/run-source.mjs ENTRY [args]: sets up if needed, then runs a TypeScript entry from the sources.
import { join } from "node:path";
import { runNode } from "./run-node.mjs";
import { root, setUpOrExit } from "./setup.mjs";

await setUpOrExit({ build: "nothing" });
const [entry, ...args] = process.argv.slice(2);
runNode(["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), join(root, entry), ...args]);
