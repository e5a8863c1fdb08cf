export { abortOf } from "./abort-of.ts";
export type { Environment } from "./environment.ts";
export { edits, nearest } from "./nearest.ts";
export { parseJson } from "./parse-json.ts";
export { type Provider, providers } from "./providers.ts";
export { fail, ok, type Result } from "./result.ts";
export { shellWord } from "./shell-word.ts";
export { systemCode } from "./system-code.ts";
export { visible, visibleJson, visibleLines } from "./visible.ts";
