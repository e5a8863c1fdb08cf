// Listens on the socket in its first argument, then loads a package that has a dependency of its own.
import { createRequire } from "node:module";
import process from "node:process";
import { listenOnSocket } from "./listen-on-socket.ts";

// Any file near the package: the defect needs Node to have cached the folders above it.
createRequire(import.meta.url)("../package.json");
const path = String(process.argv[2]);
const listening = await listenOnSocket({ path, maxConnections: 1, accept: () => {}, report: () => {} });
createRequire(import.meta.url)("selfsigned");
process.stdout.write(listening.ok ? "loaded" : listening.error.code);
if (listening.ok) await listening.value.close();
