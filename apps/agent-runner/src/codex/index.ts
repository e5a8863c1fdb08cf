// For the checks of tools/compat, which run the provider with real versions of Codex.
export { codex } from "./codex.ts";
export { codexConfig } from "./codex-config.ts";
export { codexHome } from "./codex-files.ts";
export { codexCommand, codexEnvironment, startCodex, tryingSandbox } from "./codex-program.ts";
export { introduce } from "./open-thread.ts";
