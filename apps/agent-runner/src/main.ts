import process from "node:process";
import { limits } from "./limits.ts";
import { startRunner } from "./runner.ts";

const [failed, interrupted, terminated] = [1, 130, 143];

const fatal = (message: string): void => {
  process.stderr.write(`error: ${message}\n`);
  process.exit(failed);
};

const main = async (): Promise<void> => {
  const folder = process.env["GATEHOUSE_TRANSPORT"];
  if (folder === undefined || folder === "")
    return fatal("GATEHOUSE_TRANSPORT is not set to a folder. A host starts this program and sets it.");
  const started = startRunner({
    folder,
    incarnation: process.env["GATEHOUSE_INCARNATION"] ?? null,
    onSocketFolder: (path) => (process.env["GATEHOUSE_DATA"] = path),
    onFatal: fatal,
    onSetAside: (renamedTo, reason) =>
      void process.stderr.write(
        `warning: ${renamedTo} is the old file, which could not be used (${reason}). A new file is in its place.\n`,
      ),
    report: (error) => void process.stderr.write(`${String(error)}\nThis is a bug.\n`),
  });
  const end = async (code: number): Promise<void> => {
    setTimeout(() => process.exit(code), limits.endMs);
    const runner = await started;
    if (runner.ok) await runner.value.stop();
    process.exit(code);
  };
  process.once("SIGTERM", () => void end(terminated));
  process.once("SIGINT", () => void end(interrupted));
  const runner = await started;
  if (!runner.ok) fatal(runner.error);
};

void main();
