import { library } from "../../../tools/settings/tsup.shared.ts";

export default library({ index: "src/index.ts", agents: "src/agents.ts" });
