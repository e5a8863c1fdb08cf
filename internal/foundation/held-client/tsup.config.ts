import { library } from "../../../tools/settings/tsup.shared.ts";

// Only for its types: `@trust/team-launch/held` takes the types from here, and the code from the sources.
export default library({ client: "src/client/index.ts" });
