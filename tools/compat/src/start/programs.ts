import process from "node:process";
import { bundlePrograms, type Programs } from "@gatehouse/programs";

type Name = "gatehouse" | "workspace-trust" | "orchestrator-adapter";

type Files = Programs<Name>["files"];

let bundled: Promise<Files> | null = null;

const bundle = async (): Promise<Files> => {
  const sources = {
    gatehouse: new URL("../../../../apps/host/src/main.ts", import.meta.url),
    "workspace-trust": new URL("../../../../apps/workspace-trust/src/main.ts", import.meta.url),
    "orchestrator-adapter": new URL("../../../../apps/orchestrator-adapter/src/main.ts", import.meta.url),
  };
  // A host looks for these in its own folder.
  const beside = {
    "agent-runner": new URL("../../../../apps/agent-runner/src/main.ts", import.meta.url),
    ncl: new URL("../../../../apps/ncl/src/main.ts", import.meta.url),
  };
  const programs = await bundlePrograms(sources, beside);
  process.once("exit", programs.remove);
  return programs.files;
};

/** Uses existing bundles: those of the tests, which are made once for all of them. */
export const usePrograms = (files: Files): void => {
  bundled = Promise.resolve(files);
};

/**
 * The bundle of one of our programs, made once from the sources: a start from the sources takes 1.3 s longer.
 */
export const programFile = async (name: Name): Promise<string> => {
  bundled ??= bundle();
  return (await bundled)[name];
};
