import { join } from "node:path";
import { fieldsOf } from "@gatehouse/std";
import type { ModelQuestion } from "./ask-cli.ts";
import { claudeModelsIn, codexModelsIn, geminiModelsIn } from "./models.ts";

/** Nothing listens on the discard port, so the question reaches no vendor. */
const nowhere = "http://127.0.0.1:9";

/** Claude Code (2.1.252 - 2.1.328) answers the control request `initialize`, and adds the model of its command line. */
const claude: ModelQuestion = {
  program: "claude",
  title: "Claude Code",
  args: (model) => [
    ...["-p", "--verbose", "--input-format", "stream-json", "--output-format", "stream-json"],
    ...["--setting-sources", "user", "--strict-mcp-config"],
    ...(model === null ? [] : ["--model", model]),
  ],
  env: (home) => ({
    CLAUDE_CONFIG_DIR: home,
    ANTHROPIC_BASE_URL: nowhere,
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  }),
  input: () => [
    {
      type: "control_request",
      request_id: "models",
      request: { subtype: "initialize", hooks: null },
    },
  ],
  modelsIn: (line) => {
    const { type, response } = (line ?? {}) as {
      readonly type?: unknown;
      readonly response?: { readonly response?: unknown };
    };
    if (type !== "control_response") return undefined;
    const models = claudeModelsIn(response?.response);
    return models === null ? null : { models, isWhole: false };
  },
};

/** A limit above the number of models that Codex lists. */
const limit = 500;

/** `codex app-server` (0.169.0) answers `model/list` without a sign-in, and lists all models that it knows. */
const codex: ModelQuestion = {
  program: "codex",
  title: "Codex",
  args: () => ["app-server"],
  env: (home) => ({ CODEX_HOME: home }),
  input: () => [
    { id: 1, method: "initialize", params: { clientInfo: { name: "gatehouse", title: null, version: "0" } } },
    { method: "initialized" },
    { id: 2, method: "model/list", params: { includeHidden: true, limit } },
  ],
  modelsIn: (line) => {
    const { id, result } = (line ?? {}) as { readonly id?: unknown; readonly result?: unknown };
    if (id !== 2) return undefined;
    const models = codexModelsIn(result);
    return models === null ? null : { models, isWhole: true };
  },
};

/** `gemini --acp` (0.61.0) lists its models with a new session, and signs in by any key without a request. */
const gemini: ModelQuestion = {
  program: "gemini",
  title: "Gemini CLI",
  args: () => ["--acp"],
  env: (home) => ({
    GEMINI_CLI_HOME: home,
    GEMINI_CLI_SYSTEM_SETTINGS_PATH: join(home, "none.json"),
    GEMINI_CLI_SYSTEM_DEFAULTS_PATH: join(home, "none.json"),
    GEMINI_CLI_NO_RELAUNCH: "true",
    GEMINI_API_KEY: "none",
    GOOGLE_GEMINI_BASE_URL: nowhere,
    // It reports its use to play.googleapis.com at each start.
    HTTPS_PROXY: nowhere,
  }),
  input: (home) => [
    { jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: 1, clientCapabilities: {} } },
    { jsonrpc: "2.0", id: 2, method: "session/new", params: { cwd: home, mcpServers: [] } },
  ],
  modelsIn: (line) => {
    const { id, result } = fieldsOf(line);
    if (id !== 2) return undefined;
    const models = geminiModelsIn(result);
    return models === null ? null : { models, isWhole: true };
  },
};

/** The providers whose CLI lists its models. To add one, add a row. */
export const modelQuestions: Readonly<Record<string, ModelQuestion>> = { claude, codex, gemini };
