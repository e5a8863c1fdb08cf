import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/control-plane/testing";

/** Holds a program right before it renames a file that it wrote whole. */
export type HeldRename = {
  /** For the program's environment. */
  readonly env: NodeJS.ProcessEnv;
  /** The next rename to `fileName` waits, and no further one. */
  readonly hold: () => void;
  /** Whether one waits. */
  readonly isReached: () => boolean;
  readonly go: () => void;
};

/** What the program loads before anything else: Node's own `rename`, which waits while it is held. */
const preload = (fileName: string, held: string, reached: string): string => `
const { existsSync, promises, writeFileSync } = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");
const { setTimeout: pause } = require("node:timers/promises");
const { rename } = promises;
promises.rename = async (from, to) => {
  if (String(to).endsWith(${JSON.stringify(`/${fileName}`)}) && existsSync(${JSON.stringify(held)}) && !existsSync(${JSON.stringify(reached)})) {
    writeFileSync(${JSON.stringify(reached)}, "");
    while (existsSync(${JSON.stringify(held)})) await pause(10);
  }
  return rename(from, to);
};
syncBuiltinESMExports();
`;

/** Makes one. The place is between the writer's last look and its rename. */
export const heldRename = (fileName: string): HeldRename => {
  const folder = temporaryFolder();
  const [program, held, reached] = ["preload.cjs", "held", "reached"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(program, preload(fileName, held, reached));
  return {
    env: { NODE_OPTIONS: `--require=${program}` },
    hold: () => writeFileSync(held, ""),
    isReached: () => existsSync(reached),
    go: () => rmSync(held),
  };
};
