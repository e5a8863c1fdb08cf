import { cpSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import process from "node:process";
import { bundlePrograms, type Programs } from "@gatehouse/programs";

type Name = "gatehouse" | "workspace-trust" | "orchestrator-adapter";

type Files = Programs<Name>["files"];

let bundled: Promise<Files> | null = null;

const bundle = async (): Promise<Files> => {
  const programs = await bundlePrograms({
    gatehouse: new URL("../../../../apps/host/src/main.ts", import.meta.url),
    "workspace-trust": new URL("../../../../apps/workspace-trust/src/main.ts", import.meta.url),
    "orchestrator-adapter": new URL("../../../../apps/orchestrator-adapter/src/main.ts", import.meta.url),
  });
  process.once("exit", programs.remove);
  return programs.files;
};

/** Takes bundles that are there already: those of the tests, which are made once for all of them. */
export const usePrograms = (files: Files): void => {
  bundled = Promise.resolve(files);
};

/**
 * The file of a program of ours as it is in the sources, bundled once: from them, a start takes 1.3 s
 * more.
 */
export const programFile = async (name: Name): Promise<string> => {
  bundled ??= bundle();
  return (await bundled)[name];
};

/** The same program in a copy of its bundle, on a machine to which node-pty was not installed. */
export const programWithoutPty = async (name: Name, folder: string): Promise<string> => {
  const file = await programFile(name);
  const bundle = dirname(dirname(dirname(file)));
  cpSync(bundle, folder, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => basename(path) !== "node-pty",
  });
  return join(folder, relative(bundle, file));
};
