import type { Dirent } from "node:fs";
import { mkdir, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { installNewest } from "@gatehouse/provider-facts";
import { fieldsOf, listOf, parseJson, systemCode } from "@gatehouse/std";
import { cliEnvironment } from "../cli-program.ts";
import { clearFolder, textIfThere, writeAnew, writeCliFolder } from "../files.ts";
import { serverName, toolNames } from "../host-tools/tool-names.ts";
import type { Gateway, ProviderError, ProviderPlace } from "../provider.ts";
import type { AcpAgent } from "./acp.ts";
import type { AcpLaunch } from "./acp-program.ts";
import { foldersAbove, isThere } from "./opencode-folder.ts";

/** Gemini CLI by `gemini --acp`, with models of Google. Seen with 0.61.0. */
export const gemini: AcpAgent = {
  name: "gemini",
  refusal: ({ cwd }) => refusalIn(cwd),
  prepare: async (place) => {
    await writeFiles(place);
    return {
      command: ["gemini", "--acp"],
      cwd: place.cwd,
      env: environment(place),
      install: installNewest("gemini"),
      isLog: (line) => startLines.some((known) => known.test(line)),
      ...(place.gateway === null ? {} : { signIn: await signInTo(place.gateway) }),
    };
  },
  takesServers: true,
  failedServer: () => null,
  mode: "default",
  options: {},
  inputIn: "words",
  nameOfKind: {},
  denialEnds: false,
  errorPrefix: null,
  notice: null,
  turnError: null,
  // It ends a command only after five minutes without output.
  toolTimeMs: () => null,
  // Gemini CLI itself reads nothing outside of its folder, also not by links. It asks for no such tool.
  readPaths: () => null,
};

/** What Gemini CLI writes to its standard error at each start. It signs in later, by the protocol. */
const startLines: readonly RegExp[] = [
  /^Error authenticating: /,
  /^Update your environment and try again/,
  /^ {4}at /,
  /^Ripgrep is not available\./,
  /^\[STARTUP\]/,
];

/** The key comes over the protocol, so it is in no environment and in no settings. */
const signInTo = async ({ url: baseUrl, tokenFile }: Gateway): Promise<Required<AcpLaunch>["signIn"]> => ({
  methodId,
  _meta: { "api-key": (await readFile(tokenFile, "utf8")).trim(), gateway: { baseUrl } },
});

const methodId = "gemini-api-key";

/**
 * Why Gemini CLI may not work in a folder; null if it may. It starts MCP servers only in a folder that it trusts, and there
 * takes the settings, hooks, servers and variables of `.gemini`, and the variables in that folder of each one above. It has no
 * option against that.
 */
const refusalIn = async (cwd: string): Promise<ProviderError | null> => {
  const files = [cwd, await realpath(cwd)].flatMap((path) => [
    join(path, ".gemini"),
    ...foldersAbove(path).map((folder) => join(folder, ".gemini", ".env")),
  ]);
  for (const file of files)
    if (await isThere(file))
      return {
        code: "failed",
        message: `Gemini CLI would take its settings from ${file}. Remove it, or give the group another provider: ncl groups config update GROUP --provider claude, then ncl groups restart GROUP`,
      };
  return null;
};

/** The folder that Gemini CLI has instead of HOME: settings, rules, extensions, and the conversations. */
const homeIn = ({ folder }: Pick<ProviderPlace, "folder">): string => join(folder, "out", "gemini");

const environment = (place: ProviderPlace): ProviderPlace["env"] => {
  const home = homeIn(place);
  const { NO_PROXY, no_proxy } = place.env;
  // Otherwise it asks the gateway by the proxy of HTTPS_PROXY.
  const direct = [no_proxy ?? NO_PROXY ?? "", "127.0.0.1", "localhost"]
    .filter((each) => each !== "")
    .join(",");
  return {
    ...cliEnvironment(place.env),
    NO_PROXY: direct,
    no_proxy: direct,
    GEMINI_CLI_HOME: home,
    // Otherwise the settings of the machine count too.
    GEMINI_CLI_SYSTEM_SETTINGS_PATH: join(home, "none.json"),
    GEMINI_CLI_SYSTEM_DEFAULTS_PATH: join(home, "none.json"),
    GEMINI_CLI_TRUST_WORKSPACE: "true",
    // It would start itself again, with more memory.
    GEMINI_CLI_NO_RELAUNCH: "true",
  };
};

/** Writes the files that Gemini CLI reads at its start. */
const writeFiles = async (place: ProviderPlace): Promise<void> => {
  const own = join(homeIn(place), ".gemini");
  await clearFolder(homeIn(place), /^\.gemini$/);
  await writeCliFolder(place, {
    path: own,
    kept: /^tmp$/,
    // Gemini CLI itself reads the file of the working folder, so this one is empty.
    instructions: "GEMINI.md",
    asRead: () => "",
    files: { "settings.json": JSON.stringify(settingsOf(place)) },
  });
  const policies = join(own, "policies");
  await mkdir(policies, { mode: 0o700 });
  await writeAnew(join(policies, "rules.toml"), rules);
  await keepConversations(join(own, "tmp"));
};

/** The model without a setting: the first of Gemini CLI that is no preview. Its own choice asks a second one each time. */
const unnamed = "gemini-2.5-pro";

/** Gemini CLI's settings. */
const settingsOf = ({ json: { model } }: Pick<ProviderPlace, "json">): object => ({
  general: {
    enableAutoUpdate: false,
    enableAutoUpdateNotification: false,
    defaultApprovalMode: "default",
    plan: { enabled: false },
    // It would remove conversations after 30 days.
    sessionRetention: { enabled: false },
  },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  security: { auth: { selectedType: methodId } },
  // A `.env` of the working folder does not count.
  advanced: { ignoreLocalEnv: true, autoConfigureMemory: false },
  hooksConfig: { enabled: false },
  model: { name: model ?? unnamed, disableLoopDetection: true },
  // Summaries of a long conversation would be asked of models that the group may not use.
  modelConfigs: { customAliases: helpers(model ?? unnamed) },
  // It searches by itself, and not by a program of the machine.
  tools: { useRipgrep: false },
});

/** The names by which Gemini CLI asks a model for its own purposes, each with the model of the group. */
const helpers = (model: string): object =>
  Object.fromEntries(
    [
      ...["3-pro", "3-flash", "3.1-flash-lite", "2.5-pro", "2.5-flash", "2.5-flash-lite", "default"].map(
        (name) => `chat-compression-${name}`,
      ),
      ...["summarizer-default", "summarizer-shell", "llm-edit-fixer", "edit-corrector"],
      ...["next-speaker-checker", "context-snapshotter", "agent-history-provider-summarizer"],
    ].map((name) => [name, { modelConfig: { model } }]),
  );

/** A rule in TOML, whose texts and lists are those of JSON here. */
const rule = (fields: Readonly<Record<string, unknown>>): string =>
  ["[[rule]]", ...Object.entries(fields).map(([key, value]) => `${key} = ${JSON.stringify(value)}`), ""].join(
    "\n",
  );

/**
 * Every tool asks, but those that read in the folder or change nothing there. Without a pattern, `ls` and `git status` would
 * run although the rule says that they ask. `glob` asks: its pattern may lead out of the folder. The denied tools ask other
 * models, or work without questions.
 */
const rules = [
  rule({ toolName: "*", decision: "ask_user", priority: 900 }),
  rule({ toolName: "run_shell_command", argsPattern: ".", decision: "ask_user", priority: 910 }),
  rule({
    toolName: [
      ...["read_file", "list_directory", "grep_search"],
      ...["list_background_processes", "read_background_output", "update_topic", "write_todos"],
    ],
    decision: "allow",
    priority: 920,
  }),
  rule({ mcpName: serverName, toolName: Object.values(toolNames), decision: "allow", priority: 920 }),
  rule({
    toolName: ["google_web_search", "web_fetch", "invoke_agent", "enter_plan_mode", "exit_plan_mode"],
    decision: "deny",
    priority: 999,
  }),
].join("\n");

/**
 * Keeps the conversations, and removes all else that an agent may have written there. A conversation's file has the minute
 * of its start in its name, and Gemini CLI writes over it if it loads it within that minute. It finds conversations by
 * their text, so another name is as good. Each process also begins two files that get no message.
 */
const keepConversations = async (tmp: string): Promise<void> => {
  for (const project of await onlyFolders(tmp))
    for (const folder of await onlyFolders(project, "chats"))
      for (const name of await readdir(folder)) {
        const file = join(folder, name);
        const kept = name.replace(/^session-\d{4}-\d\d-\d\dT\d\d-\d\d-/, `session-${randomUUID()}-`);
        if (kept === name) continue;
        if (hasMessage((await textIfThere(file)) ?? "")) await rename(file, join(folder, kept));
        else await rm(file, { recursive: true });
      }
};

/** The folders in a folder, with this name if one is given. Removes all other entries, also links: an agent could have put some there. */
const onlyFolders = async (path: string, only?: string): Promise<readonly string[]> => {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const isKept = (entry: Dirent): boolean => entry.isDirectory() && (only ?? entry.name) === entry.name;
  for (const entry of entries) if (!isKept(entry)) await rm(join(path, entry.name), { recursive: true });
  return entries.filter(isKept).map(({ name }) => join(path, name));
};

/** Whether a conversation has more than its own facts, and one message in which Gemini CLI tells the model of the folder. */
const hasMessage = (text: string): boolean =>
  text.split("\n").some((line) => {
    const { id, $set } = fieldsOf(parseJson(line));
    return id !== undefined || listOf(fieldsOf($set)["messages"]).length > 1;
  });
