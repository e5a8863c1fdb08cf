/** The folders of a parsed config.json: `trustedFolders` since 1.0.102 at the latest, `trusted_folders` in 1.0.0. */
export const copilotFolders = (parsed: unknown): readonly string[] => {
  if (typeof parsed !== "object" || parsed === null) return [];
  return ["trustedFolders", "trusted_folders"].flatMap((name) => {
    const value: unknown = Reflect.get(parsed, name);
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  });
};

/** The folder that covers a real path: itself, or one above it (1.0.102). */
export const coveringFolder = (folders: readonly string[], real: string): string | null =>
  folders.find(
    (folder) => real === folder || real.startsWith(folder.endsWith("/") ? folder : `${folder}/`),
  ) ?? null;
