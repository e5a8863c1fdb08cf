import { copyFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { program } from "../../tsup.shared.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The program that holds agents comes with chunks of its own: of those that it shared with the host, each holder had all
 * for as long as its agent runs.
 */
const copyAdapter = async (): Promise<void> => {
  const files = (await readdir(at("../orchestrator-adapter/dist"))).filter((file) => file.endsWith(".js"));
  for (const file of files)
    await copyFile(
      at(`../orchestrator-adapter/dist/${file}`),
      at(`dist/${file === "main.js" ? "orchestrator-adapter.js" : file}`),
    );
};

/**
 * Who installs the host has its admin client and the program of its agents too: their bundles as they are, a
 * file each. What reads foreign files, and what holds an agent, is started from beside the program's files.
 */
export default {
  ...program,
  entry: {
    main: "src/main.ts",
    "foreign-child": "../../internal/sqlite/src/foreign/foreign-child.ts",
  },
  onSuccess: async () => {
    await copyFile(at("../ncl/dist/main.cjs"), at("dist/ncl.cjs"));
    await copyFile(at("../agent-runner/dist/main.cjs"), at("dist/agent-runner.cjs"));
    await copyAdapter();
  },
} satisfies typeof program;
