import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { installNewest } from "@gatehouse/provider-facts";
import { fieldsOf, textOf } from "@gatehouse/std";
import { cliEnvironment } from "../cli-program.ts";
import { commandTimeMs } from "../cli-tools.ts";
import { writeCliFolder } from "../files.ts";
import type { ProviderError, ProviderPlace } from "../provider.ts";
import type { AcpAgent, EndedTurn } from "./acp.ts";
import { linkOutRefusal } from "./link-out.ts";
import { foldersAbove, isThere } from "./opencode-folder.ts";
import { endOfRecord, inRecord } from "./record.ts";

/** GitHub Copilot CLI by `copilot --acp`, with models of Anthropic and without an account. Seen with 1.0.102. */
export const copilot: AcpAgent = {
  name: "copilot",
  refusal: async (place) => (await hooksRefusal(place.cwd)) ?? linkOutRefusal("Copilot", place, readUnasked),
  prepare: async (place) => {
    await writeFiles(place);
    return {
      command: ["copilot", "--acp", "--no-auto-update", `--available-tools=${toolsFor(place).join()}`],
      cwd: place.cwd,
      env: environment(place),
      install: installNewest("copilot"),
    };
  },
  // It drops servers that are programs.
  takesServers: "http",
  failedServer: () => null,
  mode: "https://agentclientprotocol.com/protocol/session-modes#agent",
  // A session keeps it, and an agent could have written it into the record of its session.
  options: { allow_all: "off" },
  inputIn: "request",
  // The title of a command is a sentence of the model.
  nameOfKind: { execute: "bash", edit: "edit", read: "view" },
  denialEnds: true,
  errorPrefix: null,
  notice:
    /^(?:Info: (?:Operation cancelled by user$|Disabled tools: |Unknown tool name in the tool allowlist: |\/[^\n]*$|(?<retry>(?:Request failed|Response was interrupted)[^\n]* Retrying\.\.\.$))|Warning: No token count multiplier is known )/,
  turnError: (place, turn) => turnError(join(homeIn(place), "session-state"), turn),
  toolTimeMs: (tool, input) => {
    // In seconds; without a value it waits for 30 s, and lets the command run on.
    const { initial_wait: wait } = fieldsOf(input);
    return tool === "bash"
      ? commandTimeMs({ timeout: (typeof wait === "number" ? wait : 30) * 1_000 })
      : null;
  },
  readPaths: () => null,
};

/**
 * Why Copilot may not work in a folder; null if it may. By ACP it runs the hooks in `.github/hooks` of the folder and of its
 * repository, whether or not they are trusted, and in spite of its setting `disableAllHooks` (1.0.102).
 */
const hooksRefusal = async (cwd: string): Promise<ProviderError | null> => {
  const folders = [cwd, await realpath(cwd)].flatMap((path) => [path, ...foldersAbove(path)]);
  for (const hooks of new Set(folders.map((folder) => join(folder, ".github", "hooks"))))
    if (await isThere(hooks))
      return {
        code: "failed",
        message: `Copilot would run the hooks in ${hooks}, and ask nobody. Remove that folder, or give the group another provider: ncl groups config update GROUP --provider claude, then ncl groups restart GROUP`,
      };
  return null;
};

/** Its instructions and skills of the folder, whose links it follows (1.0.102). */
const readUnasked = ["AGENTS.md", "CLAUDE.md", "GEMINI.md", ".github", ".claude", ".agents"];

/**
 * The only tools, and the servers whose tools count. `lsp` and `task` are none of them: they start programs that
 * `.github/lsp.json` and `.github/agents` of the folder name, and ask nobody. `sql` opens files.
 */
const toolsFor = ({ json: { mcpServers } }: Pick<ProviderPlace, "json">): readonly string[] => [
  ...["bash", "read_bash", "stop_bash", "list_bash", "view", "grep", "glob", "create", "edit", "skill"],
  ...Object.entries(mcpServers).flatMap(([name, { url }]) => (url === undefined ? [] : [`${name}/*`])),
];

const homeIn = ({ folder }: Pick<ProviderPlace, "folder">): string => join(folder, "out", "copilot");

/** Writes the files that Copilot reads at its start. Only the conversations outlive a process. */
const writeFiles = async (place: ProviderPlace): Promise<void> => {
  await writeCliFolder(place, {
    path: homeIn(place),
    kept: /^session-state$/,
    // Copilot itself reads AGENTS.md of the working folder.
    instructions: "copilot-instructions.md",
    asRead: () => "",
    files: { "settings.json": JSON.stringify(settings) },
  });
  await mkdir(temporaryIn(place), { mode: 0o700 });
};

const temporaryIn = (place: Pick<ProviderPlace, "folder">): string => join(homeIn(place), "tmp");

const settings = {
  autoUpdate: false,
  disableAllHooks: true,
  memory: false,
  ide: { autoConnect: false },
};

/** The name of the model that Copilot asks for without a setting, and the one whose traits it takes for all. */
const [unnamed, known] = ["claude-sonnet-4-6", "claude-sonnet-4.6"];

/** The environment of Copilot, and of the commands that it runs. The token comes from a command, and so is not in it. */
const environment = (place: ProviderPlace): Readonly<Record<string, string | undefined>> => {
  const { env, gateway, json } = place;
  return {
    // They would send traces to other addresses.
    ...Object.fromEntries(Object.entries(cliEnvironment(env)).filter(([name]) => !name.startsWith("OTEL_"))),
    COPILOT_HOME: homeIn(place),
    // It unpacks itself here, and runs what is here. So an agent could have changed it.
    COPILOT_CACHE_HOME: join(homeIn(place), "cache"),
    // It reads there unasked, and has no setting against it by ACP.
    TMPDIR: temporaryIn(place),
    // No sign-in, telemetry, update or GitHub.
    COPILOT_OFFLINE: "true",
    COPILOT_AUTO_UPDATE: "false",
    COPILOT_PROVIDER_TYPE: "anthropic",
    ...(gateway === null
      ? {}
      : {
          COPILOT_PROVIDER_BASE_URL: gateway.url,
          COPILOT_PROVIDER_API_KEY_COMMAND: gateway.tokenCommand,
        }),
    // Of a model that it does not know it warns in the agent's text.
    COPILOT_PROVIDER_MODEL_ID: known,
    COPILOT_PROVIDER_WIRE_MODEL: json.model ?? unnamed,
    COPILOT_PROVIDER_MAX_PROMPT_TOKENS: "168000",
    COPILOT_PROVIDER_MAX_OUTPUT_TOKENS: "32000",
  };
};

/** What Copilot writes before an error that it tells as its own text. */
const errorWord = "Error: ";

/**
 * The error of the model's service that Copilot tells as its last words; null for words of its model. Only the record of
 * the session tells them apart: `{"type":"session.error","data":{"message":"402 the words"},"timestamp":"2026-11-30T20:00:01.278Z"}` or
 * `assistant.message` with the words as `content` (1.0.102). It records an error at once, and words of its model up to two
 * seconds later. Without a record they are an answer: a person reads them in any case.
 */
const turnError = (sessions: string, { session, began, last }: EndedTurn): Promise<string | null> => {
  if (!last.startsWith(errorWord)) return Promise.resolve(null);
  const told = last.slice(errorWord.length).trim();
  return inRecord<string | null>(async () => {
    const record = (await endOfRecord(join(sessions, session, "events.jsonl"))) ?? [];
    for (const { type, data, timestamp } of record.toReversed()) {
      if (!(Date.parse(textOf(timestamp)) >= began)) continue;
      const { message, content } = fieldsOf(data);
      if (type === "session.error" && textOf(message).trim() === told) return told.replace(/^\d{3} /, "");
      if (type === "assistant.message" && textOf(content).includes(last)) return null;
    }
    return undefined;
  }, null);
};
