import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const { resolve } = createRequire(import.meta.url);

/** Node's arguments that start a program of ours as a user does, from its sources. */
export const programArgs = (name: string): readonly string[] => [
  "--conditions=@nc/source",
  "--import",
  resolve("tsx"),
  join(dirname(resolve(`${name}/package.json`)), "src", "main.ts"),
];
