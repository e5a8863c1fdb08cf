import type { Provider } from "@trust/preflight";

/** The agents whose `--cli NAME=PATH` has a short form, `--NAME PATH`. */
export const shortFlags: readonly Provider[] = ["claude", "codex", "gemini"];
