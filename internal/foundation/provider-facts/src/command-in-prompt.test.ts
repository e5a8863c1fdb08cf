import { describe, expect, test } from "vitest";
import { commandInPrompt } from "./command-in-prompt.ts";

describe("commandInPrompt", () => {
  test.for([
    { provider: "claude", prompt: "/clear", is: "is-command" },
    { provider: "claude", prompt: " \n/review\nthe last commit", is: "is-command" },
    { provider: "claude", prompt: "/tmp is full", is: "is-command" },
    { provider: "claude", prompt: "/usr/bin is a folder, is it not?", is: null },
    { provider: "codex", prompt: "/nosuch thing", is: "is-command" },
    { provider: "codex", prompt: "/srv/a: read it", is: null },
    { provider: "gemini", prompt: "/srv/a: read it", is: "is-command" },
    { provider: "codex", prompt: "!rm -rf x", is: "is-shell-command" },
    { provider: "pi", prompt: "!!ls", is: "is-shell-command" },
    { provider: "claude", prompt: "Exit", is: "is-command" },
    { provider: "codex", prompt: "exit", is: null },
    { provider: "kimi", prompt: "exit", is: null },
    { provider: "gemini", prompt: "exit", is: "is-command" },
    { provider: "claude", prompt: "exit the loop early", is: null },
    { provider: "claude", prompt: "# A heading\n/clear is a command", is: null },
    { provider: "claude", prompt: "Run !ls, then say /done", is: null },
    { provider: "opencode", prompt: "/clear", is: null },
    { provider: "claude", prompt: "@a.txt what is it", is: null },
  ])("$provider reads $prompt as $is", ({ provider, prompt, is }) => {
    expect(commandInPrompt(prompt, provider)).toBe(is);
  });
});
