import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { program } from "../../tsup.shared.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Who installs the host has its admin client too: the bundle of `ncl` as it is, one file. */
export default {
  ...program,
  onSuccess: () => copyFile(at("../ncl/dist/main.cjs"), at("dist/ncl.cjs")),
} satisfies typeof program;
