// A host that is killed in the middle of a read: `foreign-host.fixture.ts <child> <good file> <endless file>`.
// Prints "reading" when its child has been asked for the endless file.
import process from "node:process";
import { setImmediate as afterReads } from "node:timers/promises";
import { readOf } from "./foreign-file.fixture.ts";
import { foreignReader } from "./open-foreign-reader.ts";

const [child = "", good = "", endless = ""] = process.argv.slice(2);
const reader = foreignReader({ program: [process.execPath, child], deadlineMs: 600_000 });
await reader.read(readOf(good));
void reader.read(readOf(endless, "content"));
await afterReads();
process.stdout.write("reading\n");
