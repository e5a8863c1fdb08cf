import { fileURLToPath } from "node:url";

/** The MEMORY.md.example of this package. Keep this file here: in \`dist\` the relative path is the same. */
export const shippedMemory: string = fileURLToPath(new URL("../../MEMORY.md.example", import.meta.url));
