/** What a CLI would do with a prompt instead of giving it to its model. */
export type CommandInPrompt = "is-command" | "is-shell-command";

/**
 * A pasted prompt is read as a typed one is. Seen with Claude Code 2.1.328, Codex 0.169.0 and Kimi Code 2.1.0: `/clear`, also behind
 * white space, is a command, known or not; `!ls` runs in a shell, and asks for no permission. `exit` alone ends Claude
 * Code, and is a text for the others. `/usr/bin` is a text for Claude Code and Codex. `#`, `@` and `&` are part of the text.
 * OpenCode's is an argument of its start, and never typed.
 */
export const commandInPrompt = (prompt: string, provider: string): CommandInPrompt | null => {
  if (provider === "opencode") return null;
  const text = prompt.trim();
  if (text.startsWith("!")) return "is-shell-command";
  const slash = pathsAreText.has(provider) ? /^\/[^\s/]*(?:\s|$)/u : /^\//u;
  const isEnd = !endsByCommand.has(provider) && endingWords.has(text.toLowerCase());
  return slash.test(text) || isEnd ? "is-command" : null;
};

/** Their commands have no second slash in the name. Of the others a prompt that begins with a slash is refused. */
const pathsAreText: ReadonlySet<string> = new Set(["claude", "codex"]);
/** These end by a command alone. */
const endsByCommand: ReadonlySet<string> = new Set(["codex", "kimi"]);
const endingWords: ReadonlySet<string> = new Set(["exit", "quit", ":q", ":q!", ":wq", ":wq!"]);
