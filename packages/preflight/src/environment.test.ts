import { describe, expect, test } from "vitest";
import { strippedVariables, trustPreflightEnv, workingAgentEnv } from "./environment.ts";

describe("trustPreflightEnv", () => {
  test.each(strippedVariables)("removes $name: $why", ({ name }) => {
    const example = name.replace("*", "_EXAMPLE");
    expect(trustPreflightEnv({ [example]: "1" })).not.toHaveProperty([example]);
  });

  const kept = [
    "HOME",
    "PATH",
    "USER",
    "SHELL",
    "CLAUDE_CONFIG_DIR",
    "ANTHROPIC_BASE_URL",
    "HTTPS_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "XDG_CONFIG_HOME",
    "CLAUDECODER",
    "MY_LINES",
  ];
  test.each(kept)("keeps %s", (name) => {
    expect(trustPreflightEnv({ [name]: "x" })).toMatchObject({ [name]: "x" });
  });

  test("sets our terminal type and switches updates off", () => {
    const env = { TERM: "dumb", DISABLE_AUTOUPDATER: "0" };
    expect(trustPreflightEnv(env)).toEqual({ TERM: "xterm-256color", DISABLE_AUTOUPDATER: "1" });
  });

  test("does not change the caller's environment, and drops undefined variables", () => {
    const env = Object.freeze({ HOME: "/h", EMPTY: undefined, CLAUDECODE: "1" });
    expect(trustPreflightEnv(env)).not.toHaveProperty("EMPTY");
  });
});

describe("workingAgentEnv", () => {
  test.each([
    ...["CLAUDE_TEAM_CONTROL_URL", "AGENT_TEAMS_HOOK"],
    ...["CLAUDE_ENABLE_DETERMINISTIC_TEAM_BOOTSTRAP", "ANTHROPIC_API_KEY", "NODE_OPTIONS", "HOME"],
  ])("keeps %s, which the agent works with", (name) => {
    expect(workingAgentEnv({ [name]: "x" })).toMatchObject({ [name]: "x" });
  });

  test.each([
    ...["CLAUDECODE", "CLAUDE_CODE_SSE_PORT", "TMUX_PANE", "VSCODE_PID", "LINES", "CLAUBBIT"],
    ...["GATEHOUSE_DATABASE", "GATEHOUSE_DATA"],
  ])("removes %s, which belongs to another session or terminal, to the trust check, or to our host", (name) =>
    expect(workingAgentEnv({ [name]: "x" })).not.toHaveProperty([name]),
  );
});
