// Reads foreign files for a host in a child process (serve-reads.ts): `foreign-child <scratch folder>`.
import process from "node:process";
import { serveReads } from "./serve-reads.ts";

const [scratch] = process.argv.slice(2);
if (scratch === undefined) throw new Error("foreign-child needs a folder for copies");
serveReads(scratch);
