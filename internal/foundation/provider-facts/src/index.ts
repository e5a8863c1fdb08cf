export { cliFacts, installNewest, type Provider, providers } from "./clis.ts";
export { commandInPrompt, type CommandInPrompt } from "./command-in-prompt.ts";
export type { CliFacts } from "./cli-facts.ts";
