import { Worker } from "node:worker_threads";

/**
 * Starts a module of this package in its own thread, without the flags of the process (a thread refuses
 * `--input-type`). When run from source (tests, `npm start`), the thread first loads tsx: Node 20 does not
 * read TypeScript, and tsx 4.23 sets itself up in the main thread only. The condition finds the sources of
 * our other packages.
 */
export const startThread = (module: URL): Worker => {
  if (!module.pathname.endsWith(".ts")) return new Worker(module, { execArgv: [] });
  const tsx = import.meta.resolve("tsx/esm/api");
  const code = `import("${tsx}").then(({ register }) => { register(); return import("${module}"); })`;
  return new Worker(code, { eval: true, execArgv: ["--conditions=@nc/source"] });
};
