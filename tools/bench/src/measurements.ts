import type { Measurement } from "./measurement.ts";
import { agentMemory } from "./agents/agent-memory.ts";
import { agentCold, agentWarm } from "./agents/agent-request.ts";
import { containerAnswers } from "./containers/container-answers.ts";
import { stalls } from "./containers/container-stalls.ts";
import { clientStart } from "./measurements/client-start.ts";
import { startForHelp, startForVersion } from "./measurements/program-start.ts";
import { heapPerDialog, rssPerDialog } from "./measurements/dialog-memory.ts";
import { codexRendering } from "./measurements/codex-rendering.ts";
import { decisionLatency } from "./measurements/decision-latency.ts";
import { recordedThroughput, syntheticThroughput } from "./measurements/engine-throughput.ts";
import { getOverSocket, getWithClient } from "./measurements/get-on-server.ts";
import { historyPolls } from "./sessions/history-poll.ts";
import { idleSessions } from "./sessions/idle-sessions.ts";
import { heldAgentsMemory } from "./launches/held-agents-memory.ts";
import { heldAgentsPs } from "./launches/held-agents-ps.ts";
import { heldAgentsScreen } from "./launches/held-agents-screen.ts";
import { launchFresh } from "./launches/launch-fresh.ts";
import { launchTrusted } from "./launches/launch-trusted.ts";
import { planMembers } from "./launches/plan-members.ts";
import { lists, listsOnServer } from "./measurements/list-sessions.ts";
import { atOnce, overControl } from "./measurements/many-folders.ts";
import { besideBefore } from "./sessions/beside-before.ts";
import { nclInside } from "./sessions/ncl-inside.ts";
import { oneFolder } from "./measurements/one-folder.ts";
import { planPairs } from "./measurements/plan-pairs.ts";
import { preflightCodexMany, preflightCodexOne } from "./measurements/preflight-codex.ts";
import { probeLarge, probeMiddle, probeSmall } from "./measurements/probe-time.ts";
import { scopeDecision } from "./measurements/scope-decision.ts";
import { sessionDelivery } from "./sessions/session-delivery.ts";
import { requestsOneEach, requestsPipelined } from "./measurements/socket-requests.ts";
import { storeCalls } from "./measurements/store-calls.ts";
import { otherHostStopped } from "./sessions/other-host-stopped.ts";
import { underAttack } from "./sessions/under-attack.ts";
import { usersAdd, usersReload, usersReloadStall } from "./measurements/users-file.ts";

/** Everything that `npm run bench` measures, in this order. */
export const measurements: readonly Measurement[] = [
  oneFolder,
  ...atOnce,
  ...overControl,
  syntheticThroughput,
  recordedThroughput,
  decisionLatency,
  probeSmall,
  probeMiddle,
  probeLarge,
  codexRendering,
  planPairs,
  preflightCodexOne,
  preflightCodexMany,
  heapPerDialog,
  rssPerDialog,
  startForVersion,
  startForHelp,
  clientStart,
  requestsOneEach,
  requestsPipelined,
  ...lists,
  ...listsOnServer,
  getWithClient,
  getOverSocket,
  scopeDecision,
  ...storeCalls,
  usersAdd,
  usersReload,
  usersReloadStall,
  sessionDelivery,
  idleSessions,
  ...historyPolls,
  nclInside,
  ...besideBefore,
  underAttack,
  otherHostStopped,
  heldAgentsPs,
  heldAgentsMemory,
  heldAgentsScreen,
  planMembers,
  launchTrusted,
  launchFresh,
  agentWarm,
  agentCold,
  agentMemory,
  ...containerAnswers,
  ...stalls,
];
