import process from "node:process";
import { explainArgv, parseArgv } from "@nc/cli-scope/argv";
import { answerText, completionLines, completionScript, readLine } from "@nc/cli-scope/client";
import { exchange } from "@nc/cli-scope/node";

const path = process.env["NOTES_SOCKET"] ?? "/run/notes.sock";
const own = { switches: ["json"], values: [] };
const view = () => ({ columns: process.stdout.columns ?? null, isColoured: false });

const ask = async (argv: readonly string[]): Promise<number> => {
  const typed = parseArgv(argv, own);
  if (!typed.ok) return fail(explainArgv(typed.error));
  const { command, args, options } = typed.value;
  const answer = await exchange({ path, request: { id: "1", command, args }, seconds: 30 });
  if (!answer.ok) return fail(`No host answers on ${path} (${answer.error.code}).`);
  const text = await answerText(answer.value, { program: "notes", isJson: options["json"] === true, view });
  process.stderr.write(text.err);
  process.stdout.write(text.out);
  return answer.value.ok ? 0 : 1;
};

const fail = (message: string): number => {
  process.stderr.write(`error: ${message}\n`);
  return 2;
};

/** `completion bash` prints a script, which calls `completion words bash -- WORD...`. */
const complete = async ([what, ...rest]: readonly string[]): Promise<void> => {
  if (what === "bash") return void process.stdout.write(completionScript("bash", "notes"));
  const line = readLine(rest, own, process.env["COMP_WORDBREAKS"]);
  if (line === null) return;
  const answer = await exchange({ path, request: line.request, seconds: 0.3 });
  if (answer.ok && answer.value.ok) process.stdout.write(completionLines(answer.value.data, line));
};

const [first, ...rest] = process.argv.slice(2);
if (first === "completion") await complete(rest);
else process.exitCode = await ask(process.argv.slice(2));
