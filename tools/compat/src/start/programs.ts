import process from "node:process";
import { bundlePrograms, type Programs } from "@gatehouse/programs";

type Name = "gatehouse" | "workspace-trust" | "orchestrator-adapter" | "agent-runner" | "ncl";
type Files = Programs<Name>["files"];

const source = (app: string): URL => new URL(`../../../../apps/${app}/src/main.ts`, import.meta.url);

let bundled: Promise<Files> | null = null;

const bundle = async (): Promise<Files> => {
  const programs = await bundlePrograms<Name>({
    gatehouse: source("host"),
    "workspace-trust": source("workspace-trust"),
    "orchestrator-adapter": source("orchestrator-adapter"),
    // A host looks for these in its own folder.
    "agent-runner": source("agent-runner"),
    ncl: source("ncl"),
  });
  process.once("exit", programs.remove);
  return programs.files;
};

/** Uses existing bundles: those of the tests, which are made once for all of them. */
export const usePrograms = (files: Files): void => {
  bundled = Promise.resolve(files);
};

/** The bundle of one of our programs, made once from the sources: a start from the sources takes 1.3 s longer. */
export const programFile = async (name: Name): Promise<string> => {
  bundled ??= bundle();
  return (await bundled)[name];
};
