import { acpProvider } from "@gatehouse/agent-runner/acp";
import { cliFacts } from "@gatehouse/provider-facts";
import type { AgentCli } from "../agents/agent-clis.ts";
import { seesFiles } from "../agents/attachments-check.ts";
import { filesInMessages } from "../agents/model-log.ts";
import type { Check } from "../check/check-all.ts";
import { agentChecks, type HostedCli } from "../agents/agent-check.ts";
import { demo } from "./first-run-checks.ts";
import { asks, chats, hostKilled, noKey, refused, stops } from "./host-checks.ts";
import { denied, killed, stopsInTool, unknownModel, vendorRefuses } from "./opencode-checks.ts";

const cli = {
  name: "qwen",
  floor: cliFacts.qwen.npmVersion,
  vendor: "anthropic" as const,
  keyIn: (headers: Readonly<Record<string, string>>) => headers["x-api-key"],
  otherKeyHeader: "authorization",
  provider: acpProvider("qwen"),
  seesFiles: ["a.png"],
  filesIn: filesInMessages,
} satisfies HostedCli & Pick<AgentCli, "provider" | "seesFiles" | "filesIn">;

/** The real Qwen Code as an agent of a host. */
export const qwenChecks: readonly Check[] = agentChecks(cli, [
  { name: "agent-chat", run: chats },
  { name: "agent-asks", run: asks },
  { name: "agent-tool-denied", run: denied("A person denied it: not today") },
  { name: "agent-killed", run: killed(/qwen\S* --acp/), delayMs: 1_500 },
  { name: "agent-host-killed", run: hostKilled, delayMs: 1_500 },
  { name: "agent-stop", run: stops, delayMs: 2_000 },
  { name: "agent-stop-tool", run: stopsInTool },
  { name: "agent-refusals", run: vendorRefuses },
  { name: "agent-refused", run: refused },
  { name: "agent-no-key", run: noKey },
  { name: "agent-unknown-model", run: unknownModel },
  { name: "agent-sees-files", run: seesFiles },
  { name: "agent-demo", run: demo },
]);
