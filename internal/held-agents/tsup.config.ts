import { library } from "../../tsup.shared.ts";

// For its types alone: `@trust/team-launch/held` takes them from here, and the code from the sources.
export default library({ client: "src/client/index.ts" });
