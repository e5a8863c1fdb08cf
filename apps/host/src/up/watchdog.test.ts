import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

type Watched = { readonly ask: string; readonly then?: string; readonly looks?: number };

/** Runs a program with a watchdog, and returns how it ended. `ask` and `then` are its code. */
const watched = ({ ask, then = "", looks = 100 }: Watched) => {
  const program = `
    const { startWatchdog } = await import(${JSON.stringify(new URL("watchdog.ts", import.meta.url).href)});
    setInterval(() => {}, 1_000);
    let asked = 0;
    const stop = startWatchdog({ ask: async () => { asked += 1; ${ask} }, report: console.error, everyMs: 10, looks: ${looks} });
    ${then}`;
  const node = ["--import", tsx, "--conditions=@nc/source", "--input-type=module", "-e", program];
  const { status, signal, stderr } = spawnSync(process.execPath, node, { encoding: "utf8" });
  return { status, signal, stderr };
};

const endAfterFive = "if (asked === 5) process.exit(0);";
const killed = {
  status: null,
  signal: "SIGKILL",
  stderr: expect.stringMatching(/^The host has answered nothing for 1 s/) as unknown,
};
const alive = { status: 0, signal: null, stderr: "" };

test.each([
  { what: "ends a process whose event loop stands still", ask: "", then: "for (;;);", ended: killed },
  { what: "ends a process whose database never answers", ask: "await new Promise(() => {});", ended: killed },
  { what: "leaves a process whose database answers", ask: endAfterFive, looks: 10_000, ended: alive },
  {
    what: "leaves a process whose database refuses",
    ask: `${endAfterFive} throw new Error("away");`,
    looks: 10_000,
    ended: alive,
  },
  {
    what: "holds no process that has ended its watch",
    ask: "",
    then: "await stop(); process.exit(0);",
    ended: alive,
  },
])("a watchdog $what", { tags: ["slow"] }, ({ ended, ...program }) =>
  expect(watched(program)).toEqual(ended),
);
