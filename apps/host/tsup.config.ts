import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { program } from "../../tsup.shared.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Who installs the host has its admin client and the program of its agents too: their bundles as they are, a
 * file each. What reads foreign files, and what holds an agent, is started from beside the program's files.
 */
export default {
  ...program,
  entry: {
    main: "src/main.ts",
    "foreign-child": "../../internal/sqlite/src/foreign/foreign-child.ts",
    "orchestrator-adapter": "../orchestrator-adapter/src/main.ts",
  },
  onSuccess: async () => {
    await copyFile(at("../ncl/dist/main.cjs"), at("dist/ncl.cjs"));
    await copyFile(at("../agent-runner/dist/main.cjs"), at("dist/agent-runner.cjs"));
  },
} satisfies typeof program;
