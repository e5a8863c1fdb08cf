import process from "node:process";
import { withOneMore } from "./one-more.fixture.ts";
import { openCentral } from "./open-central.ts";

// A program: a later build opens the central database of a data folder. Prints `begin`, then the result as JSON.
const [dataDir = ""] = process.argv.slice(2);
process.stdout.write("begin\n");
const opened = await openCentral(dataDir, undefined, withOneMore);
if (opened.ok) await opened.value.close();
process.stdout.write(JSON.stringify(opened.ok ? { ok: true } : opened.error));
