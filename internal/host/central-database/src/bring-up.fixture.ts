import process from "node:process";
import { openCentral } from "./open-central.ts";
import { slowSteps } from "./slow-steps.fixture.ts";

// A program: migrates the database of a data folder with slow steps.
const [dataDir = ""] = process.argv.slice(2);
process.stdout.write("begin\n");
const opened = await openCentral(dataDir, undefined, slowSteps);
if (!opened.ok) throw new Error(opened.error.code);
await opened.value.close();
