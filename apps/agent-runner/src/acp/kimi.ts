import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { installNewest } from "@gatehouse/provider-facts";
import { fieldsOf, systemCode, textOf, type Fields } from "@gatehouse/std";
import { cliEnvironment } from "../cli-program.ts";
import { commandTimeMs } from "../cli-tools.ts";
import { writeCliFolder } from "../files.ts";
import { hostToolNames } from "../host-tools/tool-names.ts";
import type { Gateway, ProviderPlace } from "../provider.ts";
import type { AcpAgent, EndedTurn } from "./acp.ts";
import { reasonIn } from "./acp-program.ts";
import { linkOutRefusal } from "./link-out.ts";
import { endOfRecord, inRecord } from "./record.ts";

/** Kimi Code by `kimi acp`, with models of Anthropic. Seen with 2.1.0. */
export const kimi: AcpAgent = {
  name: "kimi",
  // Its instructions and skills of the folder, whose links it follows (2.1.0).
  refusal: (place) => linkOutRefusal("Kimi Code", place, ["AGENTS.md", ".kimi-code", ".agents"]),
  prepare: async (place) => {
    await writeFiles(place);
    return {
      command: ["kimi", "acp"],
      cwd: place.cwd,
      env: {
        ...cliEnvironment(place.env),
        // Instead of ~/.kimi-code: settings, plugins, servers, trusted folders, and the conversations.
        KIMI_CODE_HOME: homeIn(place),
        KIMI_CODE_NO_AUTO_UPDATE: "1",
        KIMI_DISABLE_TELEMETRY: "1",
        KIMI_DISABLE_CRON: "1",
      },
      install: installNewest("kimi"),
    };
  },
  takesServers: true,
  failedServer: () => null,
  // It begins in this mode. The record of a session has the mode too, and an agent could have changed that.
  mode: "default",
  options: {},
  inputIn: "text",
  nameOfKind: {},
  denialEnds: false,
  errorPrefix: null,
  notice: null,
  turnError: (place, turn) => turnError(join(homeIn(place), "sessions"), turn),
  toolTimeMs: (tool, input) => {
    // In seconds, unlike in other CLIs.
    const { timeout } = fieldsOf(input);
    return tool === "Bash"
      ? commandTimeMs({ timeout: (typeof timeout === "number" ? timeout : 60) * 1_000 })
      : null;
  },
  // The host decides about its own tools, which read no path.
  readPaths: (tool) => (hostToolNames.includes(tool) ? [] : null),
};

const homeIn = ({ folder }: Pick<ProviderPlace, "folder">): string => join(folder, "out", "kimi");

/** Writes the files that Kimi Code reads at its start. */
const writeFiles = async (place: ProviderPlace): Promise<void> =>
  writeCliFolder(place, {
    path: homeIn(place),
    kept: /^(?:sessions|session_index\.jsonl|workspaces\.json)$/,
    // Kimi Code itself reads the file of the working folder, so this one is empty.
    instructions: "AGENTS.md",
    asRead: () => "",
    files: { "config.toml": await settingsOf(place) },
  });

/** The name of the model that Kimi Code asks for without a setting, as of its own service. */
const unnamed = "kimi-for-coding";

/** Kimi Code's settings. The token is in them, and so in no environment. */
const settingsOf = async ({
  json: { model },
  gateway,
}: Pick<ProviderPlace, "json" | "gateway">): Promise<string> =>
  [
    'default_model = "gateway"',
    'default_permission_mode = "manual"',
    "default_plan_mode = false",
    "telemetry = false",
    // A title costs a request, and is shown nowhere.
    "auto_session_title = false",
    "[providers.gateway]",
    'type = "anthropic"',
    ...(gateway === null ? [] : await gatewayLines(gateway)),
    "[models.gateway]",
    'provider = "gateway"',
    `model = ${toml(model ?? unnamed)}`,
    "max_context_size = 200000",
    'capabilities = ["image_in"]',
    "[tools]",
    `enabled = ${JSON.stringify(tools)}`,
    "",
  ].join("\n");

const gatewayLines = async ({ url, tokenFile }: Gateway): Promise<readonly string[]> => [
  `base_url = ${toml(url)}`,
  `api_key = ${toml((await readFile(tokenFile, "utf8")).trim())}`,
];

/** A text of TOML. JSON escapes all that TOML has to, apart from DEL. */
const toml = (text: string): string => JSON.stringify(text).replaceAll("\u007F", "\\u007F");

/**
 * The only tools. By ACP no rule of Kimi Code's settings is in force (2.1.0): `Read`, `Grep` and `FetchURL` reach everything
 * unasked, and `Write` and `Edit` what is in a Git repository. It asks for each `Bash`, and for each tool of a server.
 */
const tools = ["Bash", "TaskList", "TaskOutput", "TaskStop", "WaitFor", "TodoList", "Skill", "mcp__*"];

/**
 * Why a turn failed that Kimi Code ended as if all were well; null if it did not fail. Only the record of the session
 * says so: `{"type":"turn.ended","reason":"failed","error":{"message":"402 {...}"},"time":1796047110355}` (2.1.0).
 */
const turnError = (
  sessions: string,
  { session, began }: Pick<EndedTurn, "session" | "began">,
): Promise<string | null> =>
  inRecord<string | null>(async () => {
    const record = await recordOf(sessions, session);
    if (record === null) return null;
    const end = record.findLast(({ type, time }) => type === "turn.ended" && Number(time) >= began);
    if (end === undefined) return undefined;
    if (end["reason"] !== "failed") return null;
    return (
      reasonIn(textOf(fieldsOf(end["error"])["message"])) || "Kimi Code does not say why its turn failed."
    );
  }, null);

/** The end of a session's record, which is below the folder of its working folder; null if there is none. */
const recordOf = async (sessions: string, session: string): Promise<readonly Fields[] | null> => {
  const folders = await readdir(sessions).catch((error: unknown) => (systemCode(error), []));
  for (const folder of folders) {
    const record = await endOfRecord(join(sessions, folder, session, "agents", "main", "wire.jsonl"));
    if (record !== null) return record;
  }
  return null;
};
