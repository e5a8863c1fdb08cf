import { dirname } from "node:path";

/** An absolute folder and every folder above it, nearest first. */
export const upwards = (folder: string): readonly string[] => {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
};
