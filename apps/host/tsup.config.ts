import { copyFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { hostBundles, noteBuild, program } from "../../tools/settings/tsup.shared.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Copies the program that holds agents with its own chunks. If it shared chunks with the host, each holder would keep
 * all code of these chunks loaded while its agent runs.
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
 * The host's package also has the bundles of its admin client and of its agents' program, a file each. The program
 * that holds agents is started from the same folder.
 */
export default {
  ...program,
  noExternal: [...(program.noExternal ?? []), ...hostBundles],
  onSuccess: async () => {
    await copyFile(at("../ncl/dist/main.cjs"), at("dist/ncl.cjs"));
    await copyFile(at("../agent-runner/dist/main.cjs"), at("dist/agent-runner.cjs"));
    await copyFile(at("image/Containerfile"), at("dist/Containerfile"));
    await copyAdapter();
    await noteBuild();
  },
} satisfies typeof program;
