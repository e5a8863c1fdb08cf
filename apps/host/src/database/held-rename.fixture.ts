import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";

/** Pauses a program right before it renames a completely written file. */
export type HeldRename = {
  /** Variables for the program's environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Makes the next rename to `fileName` wait; later ones do not. */
  readonly hold: () => void;
  /** True once a rename waits. */
  readonly isReached: () => boolean;
  /** Lets the waiting rename continue. */
  readonly go: () => void;
};

/** The code that the program loads first. It replaces Node's `rename` by one that waits while it is held. */
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

/** Makes a held rename. The program waits between its last check and the rename. */
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
