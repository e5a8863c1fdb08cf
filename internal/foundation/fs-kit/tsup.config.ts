import { library } from "../../../tools/settings/tsup.shared.ts";

// One file of types: packages that bundle fs-kit take only this file, and not the files that it imports.
export default library({ index: "src/index.ts" });
