import process from "node:process";
import { openCentral } from "./open-central.ts";

// A program: opens the central database of a data folder, and prints the result.
const [dataDir = ""] = process.argv.slice(2);
const opened = await openCentral(dataDir);
if (opened.ok) await opened.value.close();
process.stdout.write(JSON.stringify(opened.ok ? { ok: true } : opened.error));
