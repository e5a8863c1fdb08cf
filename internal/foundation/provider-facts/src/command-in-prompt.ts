import { cliFacts, type Provider } from "./clis.ts";
import type { CliFacts } from "./cli-facts.ts";

/** The way in which a CLI would run a prompt instead of passing it to its model. */
export type CommandInPrompt = "is-command" | "is-shell-command";

/**
 * The way in which a CLI would run this prompt; null if it passes the prompt to its model. A pasted prompt is read
 * like a typed one. Observed with Claude Code 2.1.328, Codex 0.169.0 and Kimi Code 2.1.0: `/clear`, also
 * after white space, is a command, known or not; `!ls` runs in a shell, and asks for no permission. `exit`
 * alone ends Claude Code, and is text for the others. `/usr/bin` is text for Claude Code and Codex. `#`, `@`
 * and `&` are part of the text. OpenCode's prompt is an argument at its start, and never typed.
 */
export const commandInPrompt = (prompt: string, provider: string): CommandInPrompt | null => {
  const typed = Object.hasOwn(cliFacts, provider) ? cliFacts[provider as Provider].typed : unknown;
  if (typed === null) return null;
  const text = prompt.trim();
  if (text.startsWith("!")) return "is-shell-command";
  const slash = typed.slash === "no-path" ? /^\/[^\s/]*(?:\s|$)/u : /^\//u;
  const isEnd = typed.endsByWord && endingWords.has(text.toLowerCase());
  return slash.test(text) || isEnd ? "is-command" : null;
};

/** What is read as a command by a CLI that nobody has seen: all that any CLI reads as one. */
const unknown: CliFacts["typed"] = { slash: "any", endsByWord: true };
const endingWords: ReadonlySet<string> = new Set(["exit", "quit", ":q", ":q!", ":wq", ":wq!"]);
