// A host that asks for packages as the agent `se-1` of `ag-1` and approves each request at once:
// `approver.fixture.ts <data folder> <name>`. It uses the server that GATEHOUSE_DATABASE names, otherwise the
// folder's file. It prints one line for each approved request, and runs until it is killed.
import process from "node:process";
import { dispatch, type AgentActor } from "@nc/cli-scope";
import { chooseAddress } from "@gatehouse/postgres";
import { openCentralAt } from "@gatehouse/central-database";
import { centralCommandHost } from "@gatehouse/dispatch";

const [dataDir = "", name = ""] = process.argv.slice(2);
const chosen = chooseAddress(process.env);
if (!chosen.ok) throw new Error(chosen.error.message);
const central = await openCentralAt({ dataDir, database: chosen.value });
if (!central.ok) throw new Error(JSON.stringify(central.error));
const host = centralCommandHost(central.value, {
  dataDir,
  report: (error) => {
    throw error;
  },
});
const agent: AgentActor = { type: "agent", sessionId: "se-1", groupId: "ag-1", messagingGroupId: null };

for (let count = 1; ; count += 1) {
  const args = { apt: `${name}-${count}` };
  const asked = await dispatch({ id: "1", command: "groups-config-add-package", args }, agent, host);
  if (asked.ok || asked.error.approvalId === undefined) throw new Error(JSON.stringify(asked));
  const id = asked.error.approvalId;
  const approved = await dispatch(
    { id: "2", command: "approvals-approve", args: { id } },
    { type: "host" },
    host,
  );
  if (!approved.ok) throw new Error(JSON.stringify(approved));
  process.stdout.write(`${id}\n`);
}
