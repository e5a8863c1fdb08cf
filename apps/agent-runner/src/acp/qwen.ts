import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { installNewest } from "@gatehouse/provider-facts";
import { fieldsOf, textOf } from "@gatehouse/std";
import { cliEnvironment } from "../cli-program.ts";
import { commandTimeMs } from "../cli-tools.ts";
import { clearFolder, writeCliFolder } from "../files.ts";
import type { ProviderError, ProviderPlace } from "../provider.ts";
import type { AcpAgent } from "./acp.ts";
import { isThere } from "./opencode-folder.ts";

/** Qwen Code by `qwen --acp`, with models of Anthropic. Seen with 0.24.4. */
export const qwen: AcpAgent = {
  name: "qwen",
  refusal: ({ env }) => refusalIn(env["HOME"] ?? "/"),
  prepare: async (place) => ({
    command: ["qwen", "--acp"],
    cwd: place.cwd,
    env: await writeFiles(place),
    install: installNewest("qwen"),
  }),
  // It starts none for a folder that it does not trust, and one that it trusts may have settings.
  takesServers: false,
  failedServer: () => null,
  // It begins in `auto`, in which a model judges each tool.
  mode: "default",
  options: {},
  inputIn: "request",
  nameOfKind: {},
  denialEnds: true,
  errorPrefix: null,
  notice: null,
  turnError: null,
  toolTimeMs: (tool, input) => (tool === "run_shell_command" ? commandTimeMs(input) : null),
  readPaths: (tool, input, cwd) => {
    const field = Object.hasOwn(pathFields, tool) ? pathFields[tool] : undefined;
    return field === undefined ? null : [resolve(cwd, textOf(fieldsOf(input)[field]))];
  },
};

/** The field with the path of tools that only read. `glob` is none of them: its pattern may lead out of its path. */
const pathFields: Readonly<Record<string, string>> = {
  read_file: "file_path",
  list_directory: "path",
  grep_search: "path",
};

/**
 * Why Qwen Code may not work with a HOME; null if it may. It takes the variables in these files, also a base URL and the
 * path of other settings, and has no option against it (0.24.4).
 */
const refusalIn = async (home: string): Promise<ProviderError | null> => {
  for (const file of [join(home, ".env"), join(home, ".qwen", ".env")])
    if (await isThere(file))
      return {
        code: "failed",
        message: `Qwen Code would take its settings from ${file}. Remove that file, or give the group another provider: ncl groups config update GROUP --provider claude, then ncl groups restart GROUP`,
      };
  return null;
};

/** Writes the files that Qwen Code reads at its start. Returns its environment, and that of its commands. */
const writeFiles = async (place: ProviderPlace): Promise<ProviderPlace["env"]> => {
  const own = join(place.folder, "out", "qwen");
  const [config, data] = [join(own, "config"), join(own, "data")];
  await clearFolder(own, /^data$/);
  const settings = JSON.stringify(await settingsOf(place));
  await writeCliFolder(place, {
    path: config,
    kept: /^$/,
    instructions: "QWEN.md",
    files: { "settings.json": settings },
  });
  return {
    ...cliEnvironment(place.env),
    QWEN_HOME: config,
    // The conversations.
    QWEN_RUNTIME_DIR: data,
    // Otherwise those of the machine count too, before these.
    QWEN_CODE_SYSTEM_SETTINGS_PATH: join(config, "none.json"),
    QWEN_CODE_SYSTEM_DEFAULTS_PATH: join(config, "none.json"),
    // No folder is trusted, so settings, hooks, servers and variables of the working folder do not count.
    QWEN_CODE_TRUSTED_FOLDERS_PATH: join(config, "none.json"),
  };
};

/** Qwen Code's settings. The token is in them, and so in no environment. */
const settingsOf = async ({ json: { model }, gateway }: ProviderPlace): Promise<object> => ({
  general: { enableAutoUpdate: false },
  privacy: { usageStatisticsEnabled: false },
  model: {
    ...(model === null ? {} : { name: model }),
    // It leaves them out for a model whose name it does not know.
    generationConfig: { modalities: { image: true, pdf: true } },
  },
  security: {
    folderTrust: { enabled: true },
    auth: {
      selectedType: "anthropic",
      ...(gateway === null
        ? {}
        : { baseUrl: gateway.url, apiKey: (await readFile(gateway.tokenFile, "utf8")).trim() }),
    },
  },
  permissions,
  // With its search, tools would be called by the name of another one.
  tools: { toolSearch: { enabled: false } },
  // They would ask the model further questions after a turn, with tools that nobody is asked about.
  memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false, enableAutoSkill: false },
});

/**
 * A tool without a rule asks for what changes something, but `cat /etc/passwd` runs unasked. `Read` and `Edit` are all tools
 * that read and change files. The runner allows reading in the working folder itself: Qwen Code would follow links out of
 * it. The denied tools ask other models, work after the turn, or wait for a person at a terminal (0.24.4).
 */
const permissions = {
  ask: ["run_shell_command", "Read", "Edit", "web_fetch"],
  deny: [
    ...["agent", "list_agents", "create_sub_session", "send_message", "task_stop", "workflow"],
    ...["ask_user_question", "enter_plan_mode", "exit_plan_mode", "enter_worktree", "exit_worktree"],
    ...["cron_create", "cron_delete", "cron_list", "loop_wakeup", "monitor", "save_memory", "web_search"],
    ...["get_goal", "propose_goal", "update_goal", "artifact", "record_artifact", "record_source"],
    ...["report_findings", "tool_call", "tool_search", "read_mcp_resource", "zoom_image", "notebook_edit"],
  ],
};
