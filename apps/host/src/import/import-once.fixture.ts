import process from "node:process";
import { importCommand } from "./import-command.ts";

// A program that imports a folder into a data folder.
const [data = "", folder = ""] = process.argv.slice(2);
const { env, stdout, stderr } = process;
stdout.write("begin\n");
process.exitCode = await importCommand(
  folder,
  { data, json: true },
  { env, cwd: "/", stdout, stderr, signal: new AbortController().signal },
);
