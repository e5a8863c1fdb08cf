import { keyText } from "./inline-toml.ts";

/**
 * The one override, without `-c`, that marks these folders untrusted: Codex then reads no config, hooks or rules of the
 * project, and writes no trust for it. Pass real paths.
 */
export const untrustedOverride = (folders: readonly string[]): `projects={${string}}` =>
  `projects={${folders
    .toSorted()
    .map((folder) => `${keyText(folder)}={trust_level="untrusted"}`)
    .join(",")}}`;
