import { library } from "../../tsup.shared.ts";

// One file of types: what bundles them takes what a package's own file says, and not what that imports.
export default library({ index: "src/index.ts" });
